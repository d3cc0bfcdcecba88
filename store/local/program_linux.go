package local

import "syscall"

// dieWithParent has the kernel send a signal to the child when its parent is no more.
func dieWithParent(attr *syscall.SysProcAttr, last syscall.Signal) { attr.Pdeathsig = last }

package main

import "syscall"

// dieWithParent has the kernel kill the child when its parent is no more.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }

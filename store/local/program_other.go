//go:build !linux

package local

import "syscall"

// dieWithParent does nothing: only Linux tells a child that its parent is no more. Elsewhere a server
// outlives a parent that was killed with kill -9, and the next Start says which process it is.
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}

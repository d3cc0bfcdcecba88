//go:build !linux

package main

import "syscall"

// dieWithParent does nothing: only Linux tells a child that its parent is no more.
func dieWithParent(*syscall.SysProcAttr) {}

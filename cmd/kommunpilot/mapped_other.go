//go:build !unix

package main

import "os"

// mapped reads a file where it cannot be mapped.
func mapped(file string) ([]byte, error) { return os.ReadFile(file) }

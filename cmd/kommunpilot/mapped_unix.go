//go:build unix

package main

import (
	"errors"
	"os"
	"syscall"
)

// mapped maps a file into memory, read only, until the program ends.
func mapped(file string) ([]byte, error) {
	f, err := os.Open(file) //nolint:gosec // the person who runs the command names the file
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() || info.Size() == 0 {
		return nil, errors.New("filen är tom eller en mapp")
	}
	data, err := syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return os.ReadFile(file) //nolint:gosec // the same file
	}
	return data, nil
}

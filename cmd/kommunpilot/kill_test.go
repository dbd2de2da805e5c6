package main

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// beWriter acts without end, and says after each act that it is stored.
func beWriter(folder string) {
	ctx := context.Background()
	p := place{store: Store{Database: "sqlite:" + filepath.Join(folder, "k.db"), Files: filepath.Join(folder, "files")}}
	var err error
	if p.db, err = p.store.open(ctx); err != nil {
		panic(err)
	}
	if p.base, err = newBase(&Config{Store: p.store}, p.db, slog.New(slog.DiscardHandler)); err != nil {
		panic(err)
	}
	for n := os.Getpid() * 1_000_000; ; n++ {
		if err := act(ctx, p, n); err != nil {
			panic(err)
		}
		fmt.Println("stored")
	}
}

// TestKilledProcessLeavesNothingHalfWritten kills a writing process at
// different moments; what it said was stored is there, and all is whole.
func TestKilledProcessLeavesNothingHalfWritten(t *testing.T) {
	folder := t.TempDir()
	p := openPlace(t, "sqlite:"+filepath.Join(folder, "k.db"), filepath.Join(folder, "files"))
	if err := p.db.Close(); err != nil {
		t.Fatal(err)
	}
	var stored int64
	for round := range 6 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), writerRole+"="+folder)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		if !lines.Scan() {
			t.Fatal("the writer wrote nothing")
		}
		stored++
		// Kill in the midst of what follows, at a moment that differs.
		time.AfterFunc(time.Duration(7+11*round)*time.Millisecond, func() { _ = cmd.Process.Kill() })
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "stored") {
				stored++
			}
		}
		_ = cmd.Wait() // it was killed
		v := whole(t, p.store)
		if v.Entries < stored || v.Entries > stored+int64(round)+1 {
			t.Errorf("round %d: %d entries, %d were said to be stored", round, v.Entries, stored)
		}
	}
}

package atomicfile

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain turns the test binary into the victim of TestKilledWriter.
func TestMain(m *testing.M) {
	if path := os.Getenv("ATOMICFILE_VICTIM"); path != "" {
		for i := byte(2); ; i ^= 3 { // 2, 1, 2, 1 …
			if err := Write(path, content(i)); err != nil {
				os.Exit(1)
			}
			os.Stdout.WriteString(".")
		}
	}
	os.Exit(m.Run())
}

// content is a megabyte of one byte: any mixture of two contents shows.
func content(b byte) []byte { return bytes.Repeat([]byte{b}, 1<<20) }

func TestWriteReplacesAndLeavesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.bin")
	for _, text := range []string{"first, the longer one", "second"} {
		if err := Write(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(path); string(got) != text {
			t.Fatalf("read %q, want %q", got, text)
		}
	}
	wantFiles(t, filepath.Dir(path), "model.bin")
}

func TestWriteFollowsALink(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real"), filepath.Join(dir, "link")
	if err := os.WriteFile(real, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, link); err != nil {
		t.Skip(err)
	}
	if err := Write(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(real); string(got) != "new" {
		t.Fatalf("the link's target holds %q", got)
	}
	if info, _ := os.Lstat(link); info.Mode()&os.ModeSymlink == 0 {
		t.Fatal("the link was replaced by a file")
	}
}

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		dir:                       "is a folder",
		os.DevNull:                "not a regular file",
		filepath.Join(file, "in"): "not a directory",
	} {
		for name, f := range map[string]func() error{
			"Write": func() error { return Write(path, []byte("x")) },
			"Check": func() error { return Check(path) },
		} {
			err := f()
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
				t.Errorf("%s(%s): %v, want %q and the path in it", name, path, err, want)
			}
		}
	}
	wantFiles(t, dir, "file")
}

func TestCheckMakesTheFolderOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	if err := Check(filepath.Join(dir, "model")); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir)
}

// TestFullDisk fills a file system of 256 KiB.
func TestFullDisk(t *testing.T) {
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("needs Linux and root, to mount a small file system")
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("mount: %v %s", err, out)
	}
	defer exec.Command("umount", dir).Run()
	path := filepath.Join(dir, "model")
	if err := Write(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	err := Write(path, content(7))
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "free some space") {
		t.Fatalf("%v, want no space left and the way out", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "old" {
		t.Fatalf("the old content became %d bytes", len(got))
	}
	wantFiles(t, dir, "model")
}

// TestKilledWriter kills a process that writes all the time, at many moments:
// the file must hold one content or the other, never a part of one.
func TestKilledWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model")
	if err := Write(path, content(1)); err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		victim := exec.Command(os.Args[0])
		victim.Env = append(os.Environ(), "ATOMICFILE_VICTIM="+path)
		out, err := victim.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := victim.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Read(make([]byte, 1)); err != nil {
			t.Fatalf("the victim wrote nothing: %v", err)
		}
		time.Sleep(time.Duration(i) * 700 * time.Microsecond)
		victim.Process.Kill()
		victim.Wait()
		if code := victim.ProcessState.ExitCode(); code != -1 {
			t.Fatalf("the victim ended by itself, with exit code %d", code)
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 || !bytes.Equal(got, content(got[0])) {
			t.Fatalf("after kill %d the file holds %d bytes that are no one content", i, len(got))
		}
	}
}

// wantFiles fails unless dir holds exactly these names, hidden ones included.
func wantFiles(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		t.Fatalf("%s holds %v, want %v", dir, got, names)
	}
}

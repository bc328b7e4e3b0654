// Package atomicfile replaces files in one piece: whoever opens the name finds
// the old content or the whole new content, even if the writer is killed or the
// disk fills up in between.
package atomicfile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Write makes data the content of the file at path. It writes a hidden file
// beside it, flushes that to the disk and renames it. A symbolic link is
// followed; a folder or a device is refused. Where Write fails the old file is
// as it was and nothing is left behind; a process killed in the middle may leave
// a hidden file whose name ends in ".tmp".
func Write(path string, data []byte) error {
	target, err := resolve(path)
	if err != nil {
		return err
	}
	f, err := create(target)
	if err != nil {
		return explain(path, err)
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), target)
	}
	if err != nil {
		os.Remove(f.Name())
		return explain(path, err)
	}
	syncFolder(filepath.Dir(target))
	return nil
}

// Check says why Write to path would fail, as far as can be known beforehand: it
// makes the folder where it is missing, and creates and removes a file in it.
func Check(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return explain(path, err)
	}
	target, err := resolve(path)
	if err != nil {
		return err
	}
	f, err := create(target)
	if err != nil {
		return explain(path, err)
	}
	f.Close()
	if err := os.Remove(f.Name()); err != nil {
		return explain(path, err)
	}
	return nil
}

// resolve follows symbolic links, so that the rename replaces the file and not
// the link, and refuses what is not a file.
func resolve(path string) (string, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return path, nil
	}
	if err != nil {
		return "", explain(path, err)
	}
	if info.IsDir() {
		return "", fmt.Errorf("cannot write %s: it is a folder, name a file in it", path)
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("cannot write %s: it is not a regular file", path)
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", explain(path, err)
	}
	return target, nil
}

// create opens a new hidden file beside target, with the permissions that the
// user's umask gives to any new file.
func create(target string) (*os.File, error) {
	name := "." + filepath.Base(target) + "." + rand.Text()[:8] + ".tmp"
	return os.OpenFile(filepath.Join(filepath.Dir(target), name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
}

// explain names the file that the user asked for and, where there is one, the
// way out.
func explain(path string, err error) error {
	var pathError *fs.PathError
	var linkError *os.LinkError
	switch {
	case errors.As(err, &pathError):
		err = pathError.Err
	case errors.As(err, &linkError):
		err = linkError.Err
	}
	hint := ""
	switch {
	case errors.Is(err, syscall.ENOSPC):
		hint = "; free some space or choose another place"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		hint = "; choose a place that you may write to"
	}
	return fmt.Errorf("cannot write %s: %w%s", path, err, hint)
}

// syncFolder makes the rename itself durable. Not every system can; the file is
// whole either way.
func syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}

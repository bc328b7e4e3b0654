package wasmopt

import (
	"fmt"
	"os"
	"path/filepath"
)

// RewriteFile rewrites the file in to the file out, which may be the same. out
// appears whole or not at all; its errors name the file.
func RewriteFile(in, out string, o Options) (Summary, error) {
	data, err := os.ReadFile(in)
	if err != nil {
		return Summary{}, err
	}
	module, summary, err := Rewrite(data, o)
	if err != nil {
		return summary, fmt.Errorf("%s: %w", in, err)
	}
	return summary, writeAtomically(out, module)
}

// writeAtomically writes to a new file in the same directory, syncs and renames it.
func writeAtomically(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Chmod(0o644); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

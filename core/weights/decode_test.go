package weights

import (
	"encoding/binary"
	"encoding/json"
	"os"
	"runtime"
	"strings"
	"testing"
)

// file puts the length before a header, and data after it.
func file(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func TestDecodeAccepts(t *testing.T) {
	for _, c := range []struct {
		header string
		data   int
		first  string // the name of the first tensor
	}{
		{`{}`, 0, ""},
		{"{ }\t\n ", 0, ""},
		{`{"__metadata__":{}}`, 0, ""},
		{`{"a":{"data_offsets":[0,8],"shape":[2],"dtype":"F32"}}`, 8, "a"},
		{`{ "a" : { "dtype" : "F32" , "shape" : [ 2 , 1 ] , "data_offsets" : [ 0 , 8 ] } }`, 8, "a"},
		{`{"b":{"dtype":"F32","shape":[],"data_offsets":[8,12]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 12, "a"},
		{`{"\u0061\ud83d\ude00\/":{"dtype":"F\u00332","shape":[0],"data_offsets":[0,0]}}`, 0, "a😀/"},
		{`{"a":{"dtype":"F32","shape":[4294967296,0],"data_offsets":[0,0]}}`, 0, "a"},
	} {
		f, err := Decode(file(c.header, c.data), "FILE")
		if err != nil {
			t.Errorf("%s: %v", c.header, err)
			continue
		}
		if c.first != "" && f.Tensors[0].Name != c.first || c.first == "" && len(f.Tensors) > 0 {
			t.Errorf("%s: tensors %+v, want the first to be %q", c.header, f.Tensors, c.first)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	tensor := func(fields string) string { return `{"a":{` + fields + `}}` }
	for _, c := range []struct {
		file []byte
		want string
	}{
		{nil, "has 0 bytes, too few"},
		{[]byte("PK\x03\x04"), "it is a zip"},
		{[]byte("PK\x03\x04\x14\x00\x00\x00\x08\x00"), "it is a zip"},
		{[]byte("\x89HDF\r\n\x1a\n\x00\x00"), "it is HDF5"},
		{[]byte("<!DOCTYPE html><html>"), "web page"},
		{[]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x00"), "gzipped"},
		{binary.LittleEndian.AppendUint64(nil, 1<<63), "its header would be 9223372036854775808 bytes"},
		{binary.LittleEndian.AppendUint64(nil, 100_000_001), "its header would be 100000001 bytes"},
		{binary.LittleEndian.AppendUint64(nil, 100_000_000), "ends inside its header (8 of at least 100000008 bytes)"},
		{file(``, 0), "does not begin with {"},
		{file(` {}`, 0), "does not begin with {"},
		{file(`[]`, 0), "does not begin with {"},
		{file(`{`, 0), "byte 1: a key: want a string"},
		{file(`{}x`, 0), "more after the closing }"},
		{file(`{}`, 3), "has 3 bytes after the last"},
		{file(`{"a":1}`, 0), "want {"},
		{file(`{"a":{},}`, 0), "lacks dtype, shape or data_offsets"},
		{file(`{"__metadata__":{},}`, 0), "want a string"},
		{file(`{"__metadata__":{"k":1}}`, 0), `metadata "k": want a string`},
		{file(`{"__metadata__":{"k":{}}}`, 0), `metadata "k": want a string`},
		{file(`{"__metadata__":{"k":"1","k":"2"}}`, 0), `the metadata "k" occurs twice`},
		{file(`{"__metadata__":{},"__metadata__":{}}`, 0), "occurs twice"},
		{file(`{"__metadata__":{"k" "v"}}`, 0), "want : after"},
		{file(`{"__metadata__":{"k":"v" "l":"w"}}`, 0), "want , or }"},
		{file("{\"__metadata__\":{\"k\":\"\n\"}}", 0), "control character"},
		{file("{\"__metadata__\":{\"k\":\"\xff\"}}", 0), "not valid UTF-8"},
		{file(`{"__metadata__":{"k":"\x41"}}`, 0), "bad escape"},
		{file(`{"__metadata__":{"k":"\u00g0"}}`, 0), "bad escape"},
		{file(`{"__metadata__":{"k":"\ud83d"}}`, 0), "bad escape"},
		{file(`{"__metadata__":{"k":"\ude00\ud83d"}}`, 0), "bad escape"},
		{file(`{"__metadata__":{"k":"\ud83d\u0041"}}`, 0), "bad escape"},
		{file(`{"__metadata__":{"k":"v`, 0), "does not end"},
		{file(`{"__metadata__":{"k":"\`, 0), "bad escape"},
		{file(`{"":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}`, 0), "has no name"},
		{file(tensor(`"dtype":"F32","shape":[1]`), 4), `tensor "a" lacks`},
		{file(tensor(`"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]`), 4), "has dtype twice"},
		{file(tensor(`"dtype":"F32","shape":[1],"data_offsets":[0,4],"stride":[1]`), 4), `unknown field "stride"`},
		{file(tensor(`"dtype":"F32","shape":[-1],"data_offsets":[0,4]`), 4), "want whole numbers"},
		{file(tensor(`"dtype":"F32","shape":[1.0],"data_offsets":[0,4]`), 4), "want , or ]"},
		{file(tensor(`"dtype":"F32","shape":[01],"data_offsets":[0,4]`), 4), "want whole numbers"},
		{file(tensor(`"dtype":"F32","shape":[1,],"data_offsets":[0,4]`), 4), "want whole numbers"},
		{file(tensor(`"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]`), 4), "want whole numbers"},
		{file(tensor(`"dtype":"F32","shape":[10000000000000000000001],"data_offsets":[0,4]`), 4), "want whole numbers"},
		{file(tensor(`"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]`), 4), "more than 16 numbers"},
		{file(tensor(`"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]`), 0), "larger than any memory"},
		{file(tensor(`"dtype":"F32","shape":[1],"data_offsets":[0]`), 4), "are not two numbers"},
		{file(tensor(`"dtype":"F32","shape":[1],"data_offsets":[0,4,8]`), 4), "more than 2 numbers"},
		{file(tensor(`"dtype":"F32","shape":[1],"data_offsets":[4,0]`), 4), "before its begin"},
		{file(tensor(`"dtype":"F32","shape":[2],"data_offsets":[0,4]`), 4), `"a" of shape [2] takes 8 bytes, but its offsets give it 4`},
		{file(tensor(`"dtype":"F32","shape":[1],"data_offsets":[4,8]`), 8), "begins at byte 4 of the data, want 0"},
		{file(tensor(`"dtype":"F32","shape":[4],"data_offsets":[0,16]`), 12), "ends after 12 of 16 bytes"},
		{file(tensor(`"dtype":"F32","shape":[1],"data_offsets":[0,4]`), 5), "has 1 bytes after"},
		{file(tensor(`"dtype":"BF16","shape":[1],"data_offsets":[0,2]`), 2), `"a" is "BF16": convert`},
		{file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8), `"b" begins at byte 4`},
		{file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}`, 12), `"b" begins at byte 8`},
		{file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8), `the key "a" occurs twice`},
	} {
		f, err := Decode(c.file, "FILE")
		if err == nil || f != nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "weights: FILE: ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error %v, want a line with FILE and %q", c.file, err, c.want)
		}
	}
}

func TestEveryTruncationIsRefused(t *testing.T) {
	b, err := Encode(sample())
	if err != nil {
		t.Fatal(err)
	}
	for n := range b {
		if _, err := Decode(b[:n], "FILE"); err == nil {
			t.Fatalf("the first %d of %d bytes were accepted", n, len(b))
		}
	}
}

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestHostileHeadersAllocateLittle(t *testing.T) {
	for name, b := range map[string][]byte{
		"many tensors":  file(`{"`+many(`a`, `":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"`, 20000)+`":{}}`, 0),
		"many metadata": file(`{"__metadata__":{"`+many(`a`, `":"","`, 50000)+`":""}}`, 0),
		"one long name": file(`{"`+strings.Repeat(`\u0041`, 200000)+`":1}`, 0),
		"nested":        file(strings.Repeat(`{"a":`, 200000), 0),
		"huge shape":    file(`{"a":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}`, 0),
	} {
		if n := allocated(func() { Decode(b, "FILE") }); n > 20*uint64(len(b))+1<<16 {
			t.Errorf("%s: %d bytes were allocated for a file of %d", name, n, len(b))
		}
	}
}

// many returns n distinct keys that begin with prefix, joined by sep.
func many(prefix, sep string, n int) string {
	var s strings.Builder
	for i := range n {
		s.WriteString(prefix)
		for ; i > 0; i /= 26 {
			s.WriteByte(byte('a' + i%26))
		}
		s.WriteString("_" + sep)
	}
	return s.String()
}

func FuzzDecode(f *testing.F) {
	b, err := Encode(sample())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(file(`{"__metadata__":{"k":"\ud83d\ude00\n"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8))
	f.Add(file(`{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}`, 4))
	for _, name := range []string{"tiny", "mixed"} {
		b, err := os.ReadFile("testdata/" + name + ".safetensors")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := Decode(b, "FILE", AllowNonFinite)
		if err != nil {
			if x != nil || strings.Contains(err.Error(), "\n") {
				t.Errorf("file %v along with error %q", x, err)
			}
			return
		}
		// What we accept, the standard library accepts as JSON…
		if length := binary.LittleEndian.Uint64(b); !json.Valid(b[8 : 8+length]) {
			t.Errorf("accepted a header that is not JSON: %q", b[8:8+length])
		}
		// … and it survives a round trip.
		again, err := Encode(x, AllowNonFinite)
		if err != nil {
			t.Fatalf("cannot encode what was decoded: %v", err)
		}
		y, err := Decode(again, "FILE", AllowNonFinite)
		if err != nil || !same(x, y) {
			t.Errorf("%+v came back as %+v, error %v", x, y, err)
		}
	})
}

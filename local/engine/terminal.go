package engine

import (
	"os"

	"golang.org/x/term"
)

// isTerminal says whether a stream is a terminal, and not a file, a pipe or a test's buffer.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

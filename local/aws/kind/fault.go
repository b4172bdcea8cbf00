package kind

import (
	"errors"
	"fmt"
	"strings"
)

// Fault is a refusal of the AWS API; without a code, of the provider.
type Fault struct {
	Code, Message string
	// Passing faults may be gone in a moment, because what stands in the way is
	// being deleted or made at the same time. The provider tries again for a while.
	Passing bool
}

func (f Fault) Error() string {
	switch {
	case f.Message == "":
		return "api error " + f.Code
	case f.Code == "":
		return f.Message
	}
	return fmt.Sprintf("api error %s: %s", f.Code, f.Message)
}

// about puts a value where the message has "%s".
func (f Fault) about(value string) Fault {
	f.Message = strings.ReplaceAll(f.Message, "%s", value)
	return f
}

// Refuse is AWS's refusal with an error code of its API.
func Refuse(code, format string, args ...any) error {
	message := format
	if len(args) > 0 {
		message = fmt.Sprintf(format, args...)
	}
	return Fault{Code: code, Message: message}
}

// RefuseForNow is Refuse for what may pass in a moment.
func RefuseForNow(code, format string, args ...any) error {
	return Fault{Code: code, Message: fmt.Sprintf(format, args...), Passing: true}
}

// Passing tells whether an error may be gone in a moment.
func Passing(err error) bool {
	var f Fault
	return errors.As(err, &f) && f.Passing
}

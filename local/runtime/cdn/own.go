package cdn

import (
	"crypto/tls"
	"net"
	"strconv"
	"strings"
)

// ownPrefix begins the headers that CloudFront adds about the viewer. Where the viewer is nobody knows here: headers of
// its country, city, time zone and network are not sent.
const ownPrefix = "Cloudfront-" // in the form of Go

// own is the value of a header that CloudFront adds, "" for one that is not known here.
func (x *exchange) own(name string) string {
	agent := strings.ToLower(x.request.Header.Get("User-Agent"))
	has := func(words ...string) bool {
		for _, word := range words {
			if strings.Contains(agent, word) {
				return true
			}
		}
		return false
	}
	tablet := has("ipad", "tablet", "kindle") || has("android") && !has("mobile")
	mobile := has("iphone", "ipod", "mobile") && !tablet
	television := has("smart-tv", "smarttv", "appletv", "googletv", "hbbtv")
	switch strings.TrimPrefix(name, ownPrefix) {
	case "Forwarded-Proto":
		return x.scheme()
	case "Viewer-Http-Version":
		if x.viewer.ProtoMajor == 2 {
			return "2.0"
		}
		return strings.TrimPrefix(x.viewer.Proto, "HTTP/")
	case "Viewer-Address":
		return x.viewer.RemoteAddr
	case "Viewer-Tls":
		if x.viewer.TLS == nil {
			return ""
		}
		handshake := "fullHandshake"
		if x.viewer.TLS.DidResume {
			handshake = "sessionResumed"
		}
		version := strings.ReplaceAll(tls.VersionName(x.viewer.TLS.Version), "TLS ", "TLSv")
		return version + ":" + tls.CipherSuiteName(x.viewer.TLS.CipherSuite) + ":" + handshake
	case "Is-Tablet-Viewer":
		return strconv.FormatBool(tablet)
	case "Is-Mobile-Viewer":
		return strconv.FormatBool(mobile)
	case "Is-Smarttv-Viewer":
		return strconv.FormatBool(television)
	case "Is-Desktop-Viewer":
		return strconv.FormatBool(!tablet && !mobile && !television)
	case "Is-Android-Viewer":
		return strconv.FormatBool(has("android"))
	case "Is-Ios-Viewer":
		return strconv.FormatBool(has("iphone", "ipad", "ipod"))
	}
	return ""
}

func (x *exchange) scheme() string {
	if x.viewer.TLS != nil {
		return "https"
	}
	return "http"
}

// address is that of the viewer, without its port.
func (x *exchange) address() string {
	host, _, err := net.SplitHostPort(x.viewer.RemoteAddr)
	if err != nil {
		return x.viewer.RemoteAddr
	}
	return host
}

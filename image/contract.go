package image

// What the image and the resources around it have to agree on. The image's README says the same.
const (
	// Port is where nginx listens. It is above 1024: nginx does not run as root.
	Port = 8080
	// Owner is the uid and gid of www-data, as whom both containers run. Every file on the share belongs to it.
	Owner = 33
)

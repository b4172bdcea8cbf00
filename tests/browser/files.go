package browser

import (
	"archive/zip"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// photo writes a JPEG of 2000 by 1500 pixels: large enough for every size that WordPress makes of it.
func photo(t *testing.T) string {
	t.Helper()
	canvas := image.NewRGBA(image.Rect(0, 0, 2000, 1500))
	for y := range 1500 {
		for x := range 2000 {
			canvas.Set(x, y, color.RGBA{R: uint8(x / 8), G: uint8(y / 6), B: 120, A: 255})
		}
	}
	name := filepath.Join(t.TempDir(), "harbour.jpg")
	file, err := os.Create(name) //nolint:gosec // a file of the test's own
	require.NoError(t, err)
	require.NoError(t, jpeg.Encode(file, canvas, nil))
	require.NoError(t, file.Close())
	return name
}

// plugin writes the zip file of a plugin that adds a line to the foot of every page.
func plugin(t *testing.T, line string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "footline.zip")
	file, err := os.Create(name) //nolint:gosec // a file of the test's own
	require.NoError(t, err)
	packed := zip.NewWriter(file)
	code, err := packed.Create("footline/footline.php")
	require.NoError(t, err)
	_, err = code.Write([]byte(`<?php
/*
 * Plugin Name: Footline
 * Description: Adds a line to the foot of every page.
 * Version: 1.0
 */
add_action( 'wp_footer', function () { echo '<p id="footline">` + line + `</p>'; } );
`))
	require.NoError(t, err)
	require.NoError(t, packed.Close())
	require.NoError(t, file.Close())
	return name
}

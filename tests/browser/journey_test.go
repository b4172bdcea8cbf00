package browser_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"wordpress-ecs/tests/browser"
	"wordpress-ecs/tests/containers"
	"wordpress-ecs/tests/site"
)

// TestEditorAndVisitor follows an editor who fills a new site, and a visitor who reads and comments. A browser's
// requests reach two tasks in turn.
func TestEditorAndVisitor(t *testing.T) {
	t.Parallel()
	chromium := browser.Find(t)
	s, _ := site.Start(t, containers.Connect(t), site.Options{Tasks: 2})
	editor, visitor := browser.New(t, chromium), browser.New(t, chromium)

	browser.LogIn(t, editor, s.URL, site.AdminUser, site.AdminPassword)
	article := browser.WritePost(t, editor, s.URL)
	browser.Comment(t, visitor, article)
	browser.ApproveComment(t, editor, s.URL)
	visitor.Visit(t, article+"?read=again")
	require.Contains(t, visitor.Text(t, "body"), "I was there, too.")
	visitor.RequireQuiet(t, s.URL)

	browser.UploadPhoto(t, editor, s.URL)
	browser.InstallPlugin(t, editor, s.URL, "Written by a plugin.")
	editor.RequireQuiet(t, s.URL)
	visitor.Visit(t, s.URL+"/?fresh=1")
	require.Equal(t, "Written by a plugin.", visitor.Text(t, "#footline"))
}

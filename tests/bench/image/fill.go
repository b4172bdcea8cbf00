package image

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"wordpress-ecs/tests/site"
)

const (
	posts = 300
	// vocabulary is how many words there are, as in testdata/load/load.lua.
	vocabulary = 64
	wordsEach  = 80
)

// fill gives the site posts to list and to search in: the same ones in every run.
func (b *bench) fill(t *site.Task) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // G404: text, not secrets
	var rows []string
	for i := range posts {
		var words []string
		for range wordsEach {
			// The square makes some words rare, as in any language.
			words = append(words, fmt.Sprintf("word%d", int(random.Float64()*random.Float64()*vocabulary)))
		}
		text := fmt.Sprintf("<!-- wp:paragraph -->\n<p>%s</p>\n<!-- /wp:paragraph -->", strings.Join(words, " "))
		date := fmt.Sprintf("2026-01-01 00:00:00' + INTERVAL %d MINUTE", i)
		rows = append(rows, fmt.Sprintf("(1, '%s, '%s, '%s, '%s, '%s', 'Post %d', '', 'publish', 'post-%d', '', '', '')",
			date, date, date, date, text, i+1, i+1))
	}
	for some := range slices.Chunk(rows, 50) { // a statement is an argument of a command, which has its limit
		b.site.Database.Query(b, `INSERT INTO wp_posts (post_author, post_date, post_date_gmt, post_modified, post_modified_gmt,
			post_content, post_title, post_excerpt, post_status, post_name, to_ping, pinged, post_content_filtered)
			VALUES `+strings.Join(some, ",\n"))
	}
	b.site.Database.Query(b, `INSERT INTO wp_term_relationships (object_id, term_taxonomy_id)
		SELECT ID, 1 FROM wp_posts WHERE post_name LIKE 'post-%'`)
	t.PHP.Must(b, "php", "-r", `require "/var/www/html/wp-load.php"; wp_update_term_count_now([1], "category"); wp_cache_flush();`)
}

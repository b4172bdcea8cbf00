<?php
/**
 * Tells CloudFront when pages have changed, which it keeps for a day (page-cache.php). One page shows in many others,
 * in lists, feeds, menus and templates, so it is always told about all of them.
 *
 * Whoever changes what visitors see in a way that is not known here calls do_action( 'wordpress_ecs_pages_changed' ).
 */

declare( strict_types = 1 );

namespace WordPressEcs\CdnInvalidation;

use WordPressEcs\Aws;
use function WordPressEcs\setting;

/** Parts of pages, beside the types that people edit in wp-admin. */
const PARTS = array(
	'nav_menu_item', 'wp_navigation', 'wp_block', 'wp_template', 'wp_template_part', 'wp_global_styles', 'custom_css', 'wp_font_family', 'wp_font_face',
);

/** Options that show. The last one changes with the code of plugins and themes (code-version.php). */
const OPTIONS = '~^(?:blog(?:name|description|_public)|site_(?:icon|logo)|WPLANG|(?:date|time)_format|timezone_string|gmt_offset'
	. '|start_of_week|(?:permalink_structure|category_base|tag_base)|(?:show|page)_on_front|page_for_posts|posts_per_page|sticky_posts'
	. '|wp_page_for_privacy_policy|stylesheet|template|theme_mods_.+|widget_.+|sidebars_widgets|active_plugins|users_can_register'
	. '|(?:thread|page)_comments|thread_comments_depth|comments_per_page|default_comments_page|comment_(?:order|registration)'
	. '|require_name_email|close_comments_(?:for|days)_old(?:_posts)?|show_avatars|avatar_(?:default|rating)|use_smilies'
	. '|wordpress_ecs_code)$~D';

/** Of a post that visitors see; the last one is written when an image is edited. */
const POST_META = array( '_thumbnail_id', '_wp_page_template', '_wp_attachment_backup_sizes' );

// What a deployment takes until its last task has no visitors any more, in seconds, and more.
const OLD_TASKS_LEAVE = 900;

final class Pages {
	private bool $changed = false;
	private readonly Aws\Invalidation $invalidation;

	public function __construct( private readonly string $distribution ) {}

	public function watch(): void {
		$always = array(
			'wordpress_ecs_pages_changed', 'customize_save_after', 'edit_attachment', 'delete_attachment', 'deleted_user',
			'woocommerce_product_set_stock_status', 'woocommerce_variation_set_stock_status',
		);
		foreach ( $always as $hook ) {
			add_action( $hook, fn () => $this->change() );
		}
		// The editor of plugins' and themes' files.
		add_action( 'wp_ajax_edit-theme-plugin-file', fn () => $this->change(), 0 );
		add_action( 'transition_post_status', $this->post_moved( ... ), 10, 3 );
		add_action( 'before_delete_post', fn ( $id, $post ) => $this->post_moved( 'deleted', $post->post_status, $post ), 10, 2 );
		add_action( 'woocommerce_update_product', $this->post_updated( ... ) );
		foreach ( array( 'added_post_meta', 'updated_post_meta', 'deleted_post_meta' ) as $hook ) {
			add_action( $hook, $this->post_meta( ... ), 10, 3 );
		}
		add_action( 'transition_comment_status', $this->comment_moved( ... ), 10, 3 );
		add_action( 'wp_insert_comment', fn ( $id ) => $this->comment_written( $id ) );
		add_action( 'edit_comment', fn ( $id ) => $this->comment_written( $id ) );
		foreach ( array( 'edited_term', 'delete_term' ) as $hook ) {
			add_action( $hook, $this->term( ... ), 10, 3 );
		}
		foreach ( array( 'added_option', 'updated_option', 'deleted_option' ) as $hook ) {
			add_action( $hook, $this->option( ... ) );
		}
		add_action( 'profile_update', $this->profile( ... ), 10, 2 );
		add_action( 'updated_user_meta', fn ( $id, $user, $key ) => 'description' !== $key || $this->change(), 10, 3 );

		add_action( 'wordpress_ecs_release', $this->release( ... ) );
		add_action( 'wordpress_ecs_minute', $this->minute( ... ), PHP_INT_MAX );
		// After media-bucket.php: a file comes before the page that shows it.
		add_action( 'shutdown', $this->finish( ... ), PHP_INT_MAX );
	}

	/** It is written down at once, in case that this request does not come to its end. */
	private function change(): void {
		if ( ! $this->changed ) {
			$this->changed = true;
			$this->invalidation()->owe();
		}
	}

	private function post_moved( string $new, string $old, \WP_Post $post ): void {
		if ( ! is_post_status_viewable( $new ) && ! is_post_status_viewable( $old ) ) {
			return;
		}
		$edited = get_post_type_object( $post->post_type )?->show_ui;
		if ( $edited || is_post_type_viewable( $post->post_type ) || in_array( $post->post_type, PARTS, true ) ) {
			$this->change();
		}
	}

	private function post_updated( int $id ): void {
		if ( is_post_publicly_viewable( $id ) ) {
			$this->change();
		}
	}

	private function post_meta( mixed $meta, int $post, string $key ): void {
		if ( in_array( $key, POST_META, true ) && ( is_post_publicly_viewable( $post ) || 'attachment' === get_post_type( $post ) ) ) {
			$this->change();
		}
	}

	private function comment_moved( string $new, string $old, \WP_Comment $comment ): void {
		if ( 'approved' === $new || 'approved' === $old ) {
			$this->post_updated( (int) $comment->comment_post_ID );
		}
	}

	private function comment_written( int|string $id ): void {
		$comment = get_comment( (int) $id );
		if ( '1' === $comment?->comment_approved ) {
			$this->post_updated( (int) $comment->comment_post_ID );
		}
	}

	/** A term that is new is in no page yet. */
	private function term( int $id, int $taxonomy_id, string $taxonomy ): void {
		if ( 'nav_menu' === $taxonomy || is_taxonomy_viewable( $taxonomy ) ) {
			$this->change();
		}
	}

	/** What an administrator saves in a form of settings, of the core or of a plugin, is taken to show. */
	private function option( string $name ): void {
		if ( preg_match( OPTIONS, $name ) || 'options.php' === ( $GLOBALS['pagenow'] ?? '' ) && ! str_starts_with( $name, '_' ) ) {
			$this->change();
		}
	}

	private function profile( int $id, \WP_User $old ): void {
		$now = get_userdata( $id );
		foreach ( array( 'display_name', 'user_nicename', 'user_url' ) as $field ) {
			if ( $now && $now->$field !== $old->$field ) {
				$this->change();
			}
		}
	}

	/** Setup has prepared the site for a release. Tasks of the one before make pages until they have gone. */
	private function release( string $release ): void {
		if ( $this->invalidation()->follows_release( $release, OLD_TASKS_LEAVE ) ) {
			$this->change();
		}
	}

	/** In the cron container: what other processes have left, and what was changed in this one. */
	private function minute(): void {
		$this->changed = false;
		$this->invalidation()->owe_delayed();
		$this->invalidation()->settle();
	}

	private function finish(): void {
		if ( ! $this->changed ) {
			return;
		}
		// Again, because cron may have sent it while this request was still at work.
		$this->invalidation()->owe();
		if ( wp_installing() ) {
			return; // setup leaves it to cron
		}
		Aws\answer_visitor();
		$this->invalidation()->settle();
	}

	private function invalidation(): Aws\Invalidation {
		require_once ABSPATH . 'bundled/aws/invalidation.php';
		return $this->invalidation ??= new Aws\Invalidation( new Aws\Rows( $GLOBALS['wpdb'] ), $this->distribution );
	}
}

if ( '' !== setting( 'WORDPRESS_CDN_DISTRIBUTION' ) ) {
	( new Pages( setting( 'WORDPRESS_CDN_DISTRIBUTION' ) ) )->watch();
}

<?php
/**
 * The world outside, the same for all sides and without a network: what api.wordpress.org says when all is well.
 */

add_filter(
	'pre_http_request',
	static function ( $answer, $request, $address ) {
		$facts = array();
		if ( str_contains( $address, '/core/serve-happy/' ) ) {
			$facts = array(
				'recommended_version' => '8.3', 'minimum_version' => '7.2.24',
				'is_supported' => true, 'is_secure' => true, 'is_acceptable' => true,
			);
		}
		if ( str_contains( $address, '/core/browse-happy/' ) ) {
			$facts = array(
				'name' => 'Firefox', 'version' => '140', 'platform' => 'Linux', 'update_url' => '', 'img_src' => '',
				'img_src_ssl' => '', 'current_version' => '140', 'upgrade' => false, 'insecure' => false, 'mobile' => false,
			);
		}
		return array(
			'headers' => array(), 'body' => (string) wp_json_encode( (object) $facts ), 'cookies' => array(),
			'filename' => null, 'response' => array( 'code' => 200, 'message' => 'OK' ),
		);
	},
	10,
	3
);

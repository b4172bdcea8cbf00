package rds

import (
	"slices"
	"strconv"
	"strings"
)

// knownFamily is the one whose parameters are known here.
const knownFamily = "aurora-mysql8.0"

// parameter is one of a cluster parameter group.
type parameter struct {
	// allowed are AWS's words for the values: a list, or a range of whole numbers; empty for any text.
	allowed string
	// static parameters wait for a reboot; fixed ones cannot be changed.
	static, fixed bool
}

const (
	onOff   = "0,1"
	words   = "ON,OFF"
	any32   = "0-4294967295"
	seconds = "1-31536000"
)

// parameters are the cluster parameters of Aurora MySQL 3, from the Aurora user guide, Aurora MySQL configuration parameters.
var parameters = map[string]parameter{
	"activate_all_roles_on_login": {allowed: onOff}, "aurora_binlog_replication_max_yield_seconds": {allowed: "0-36000"},
	"aurora_enable_replica_log_compression": {allowed: onOff}, "aurora_enable_repl_bin_log_filtering": {allowed: onOff},
	"aurora_enable_staggered_replica_restart": {allowed: onOff}, "aurora_enable_zdr": {allowed: onOff},
	"aurora_enhanced_binlog": {allowed: onOff, static: true}, "aurora_load_from_s3_role": {}, "aurora_lab_mode": {allowed: onOff, static: true},
	"aurora_mask_password_hashes_type": {allowed: words}, "aurora_parallel_query": {allowed: words}, "aurora_replica_read_consistency": {},
	"aurora_select_into_s3_role": {}, "aws_default_lambda_role": {}, "aws_default_s3_role": {},
	"auto_increment_increment": {allowed: "1-65535"}, "auto_increment_offset": {allowed: "1-65535"}, "autocommit": {allowed: onOff},
	"back_log": {allowed: "1-65535", static: true}, "basedir": {fixed: true}, "binlog_cache_size": {allowed: any32},
	"binlog_checksum": {allowed: "NONE,CRC32"}, "binlog_format": {allowed: "ROW,STATEMENT,MIXED,OFF", static: true},
	"binlog_max_flush_queue_time": {allowed: any32}, "binlog_replication_globaldb": {allowed: onOff, static: true},
	"binlog_row_image": {allowed: "full,minimal,noblob"}, "binlog_row_metadata": {allowed: "FULL,MINIMAL"},
	"binlog_row_value_options": {}, "binlog_rows_query_log_events": {allowed: onOff}, "binlog_transaction_compression": {allowed: onOff},
	"bulk_insert_buffer_size": {allowed: any32}, "character-set-client-handshake": {allowed: onOff, static: true},
	"character_set_client": {}, "character_set_connection": {}, "character_set_database": {}, "character_set_filesystem": {},
	"character_set_results": {}, "character_set_server": {}, "collation_connection": {}, "collation_server": {},
	"completion_type": {allowed: "0-2"}, "concurrent_insert": {allowed: "0-2"}, "connect_timeout": {allowed: "2-31536000"},
	"core-file": {fixed: true}, "datadir": {fixed: true}, "default_authentication_plugin": {fixed: true},
	"default_password_lifetime": {allowed: "0-65535"}, "default_storage_engine": {fixed: true}, "default_time_zone": {fixed: true},
	"default_tmp_storage_engine": {}, "default_week_format": {allowed: "0-7"}, "delay_key_write": {allowed: "OFF,ON,ALL"},
	"div_precision_increment": {allowed: "0-30"}, "end_markers_in_json": {allowed: onOff}, "enforce_gtid_consistency": {allowed: "OFF,ON,WARN", static: true},
	"eq_range_index_dive_limit": {allowed: any32}, "event_scheduler": {allowed: words}, "explicit_defaults_for_timestamp": {allowed: onOff},
	"flush": {allowed: onOff}, "flush_time": {allowed: "0-31536000"}, "ft_max_word_len": {allowed: "10-84", static: true},
	"ft_min_word_len": {allowed: "1-84", static: true}, "ft_query_expansion_limit": {allowed: "0-1000", static: true},
	"ft_stopword_file": {fixed: true}, "general_log": {allowed: onOff}, "general_log_file": {fixed: true},
	"generated_random_password_length": {allowed: "5-255"}, "group_concat_max_len": {allowed: any32}, "gtid-mode": {allowed: "OFF,OFF_PERMISSIVE,ON_PERMISSIVE,ON", static: true},
	"histogram_generation_max_mem_size": {allowed: "1000000-4294967295"}, "host_cache_size": {allowed: "0-65536"}, "information_schema_stats_expiry": {allowed: seconds},
	"init_connect": {}, "innodb_adaptive_hash_index": {allowed: onOff}, "innodb_adaptive_max_sleep_delay": {allowed: "0-1000000"},
	"innodb_autoextend_increment": {allowed: "1-1000"}, "innodb_aurora_max_partitions_for_range": {allowed: any32, static: true},
	"innodb_aurora_enable_auto_akp": {allowed: onOff}, "innodb_autoinc_lock_mode": {allowed: "0-2", static: true},
	"innodb_buffer_pool_size": {}, "innodb_buffer_pool_instances": {fixed: true}, "innodb_cmp_per_index_enabled": {allowed: onOff},
	"innodb_commit_concurrency": {allowed: any32}, "innodb_compression_failure_threshold_pct": {allowed: "0-100"}, "innodb_compression_level": {allowed: "0-9"},
	"innodb_compression_pad_pct_max": {allowed: "0-75"}, "innodb_concurrency_tickets": {allowed: any32}, "innodb_deadlock_detect": {allowed: onOff},
	"innodb_default_row_format": {allowed: "dynamic,compact,redundant"}, "innodb_file_per_table": {allowed: onOff}, "innodb_flush_log_at_trx_commit": {allowed: "0-2"},
	"innodb_ft_aux_table": {}, "innodb_ft_cache_size": {allowed: any32, static: true}, "innodb_ft_enable_stopword": {allowed: onOff},
	"innodb_ft_max_token_size": {allowed: "10-84", static: true}, "innodb_ft_min_token_size": {allowed: "0-16", static: true},
	"innodb_ft_num_word_optimize": {allowed: "1000-10000"}, "innodb_ft_result_cache_limit": {allowed: any32}, "innodb_ft_server_stopword_table": {},
	"innodb_ft_user_stopword_table": {}, "innodb_large_prefix": {allowed: onOff}, "innodb_lock_wait_timeout": {allowed: "1-1073741824"},
	"innodb_lru_scan_depth": {allowed: any32}, "innodb_max_dirty_pages_pct": {allowed: "0-99"}, "innodb_max_purge_lag": {allowed: any32},
	"innodb_max_purge_lag_delay": {allowed: any32}, "innodb_monitor_disable": {}, "innodb_monitor_enable": {}, "innodb_monitor_reset": {},
	"innodb_monitor_reset_all": {}, "innodb_old_blocks_pct": {allowed: "5-95"}, "innodb_old_blocks_time": {allowed: any32},
	"innodb_online_alter_log_max_size": {allowed: any32}, "innodb_open_files": {allowed: any32, static: true}, "innodb_optimize_fulltext_only": {allowed: onOff},
	"innodb_page_size": {fixed: true}, "innodb_print_all_deadlocks": {allowed: onOff}, "innodb_purge_batch_size": {allowed: "1-5000"},
	"innodb_purge_threads": {allowed: "1-32", static: true}, "innodb_read_io_threads": {fixed: true}, "innodb_rollback_on_timeout": {allowed: onOff, static: true},
	"innodb_rollback_segments": {allowed: "1-128"}, "innodb_sort_buffer_size": {allowed: "65536-67108864", static: true}, "innodb_spin_wait_delay": {allowed: "0-1000"},
	"innodb_stats_auto_recalc": {allowed: onOff}, "innodb_stats_include_delete_marked": {allowed: onOff}, "innodb_stats_method": {allowed: "nulls_equal,nulls_unequal,nulls_ignored"},
	"innodb_stats_on_metadata": {allowed: onOff}, "innodb_stats_persistent": {allowed: onOff}, "innodb_stats_persistent_sample_pages": {allowed: any32},
	"innodb_stats_transient_sample_pages": {allowed: any32}, "innodb_status_output": {allowed: onOff}, "innodb_status_output_locks": {allowed: onOff},
	"innodb_strict_mode": {allowed: onOff}, "innodb_support_xa": {allowed: onOff}, "innodb_sync_array_size": {allowed: "1-1024", static: true},
	"innodb_sync_spin_loops": {allowed: any32}, "innodb_table_locks": {allowed: onOff}, "innodb_thread_concurrency": {allowed: "0-1000"},
	"innodb_thread_sleep_delay": {allowed: "0-1000000"}, "innodb_tmpdir": {}, "innodb_trx_commit_allow_data_loss": {allowed: onOff},
	"innodb_undo_tablespaces": {fixed: true}, "innodb_write_io_threads": {fixed: true}, "interactive_timeout": {allowed: seconds},
	"internal_tmp_disk_storage_engine": {}, "internal_tmp_mem_storage_engine": {allowed: "TempTable,MEMORY"}, "join_buffer_size": {allowed: any32},
	"keep_files_on_create": {allowed: onOff}, "key_buffer_size": {allowed: any32}, "key_cache_age_threshold": {allowed: any32},
	"key_cache_block_size": {allowed: "512-16384"}, "key_cache_division_limit": {allowed: "1-100"}, "lc_messages": {}, "lc_time_names": {},
	"local_infile": {allowed: onOff}, "lock_wait_timeout": {allowed: seconds}, "log-bin": {fixed: true}, "log_bin_trust_function_creators": {allowed: onOff},
	"log_bin_use_v1_row_events": {allowed: onOff, static: true}, "log_error": {fixed: true}, "log_error_suppression_list": {}, "log_error_verbosity": {allowed: "1-3"},
	"log_output": {allowed: "TABLE,FILE,NONE"}, "log_queries_not_using_indexes": {allowed: onOff}, "log_raw": {allowed: onOff, static: true},
	"log_slave_updates": {fixed: true}, "log_slow_admin_statements": {allowed: onOff}, "log_slow_extra": {allowed: onOff},
	"log_slow_replica_statements": {allowed: onOff}, "log_statements_unsafe_for_binlog": {allowed: onOff},
	"log_throttle_queries_not_using_indexes": {allowed: any32}, "long_query_time": {allowed: "0-31536000"}, "low_priority_updates": {allowed: onOff},
	"lower_case_table_names": {allowed: onOff, static: true}, "mandatory_roles": {}, "master_info_repository": {fixed: true},
	"master_verify_checksum": {allowed: onOff}, "max_allowed_packet": {allowed: "1024-1073741824"}, "max_binlog_cache_size": {}, "max_binlog_size": {allowed: "4096-1073741824"},
	"max_connect_errors": {allowed: any32}, "max_connections": {}, "max_delayed_threads": {allowed: "0-16384"}, "max_error_count": {allowed: "0-65535"},
	"max_execution_time": {allowed: any32}, "max_heap_table_size": {}, "max_insert_delayed_threads": {allowed: any32}, "max_join_size": {},
	"max_length_for_sort_data": {allowed: "4-8388608"}, "max_points_in_geometry": {allowed: "3-1048576"}, "max_prepared_stmt_count": {allowed: "0-4194304"},
	"max_relay_log_size": {allowed: "0-1073741824"}, "max_seeks_for_key": {}, "max_sort_length": {allowed: "4-8388608"}, "max_sp_recursion_depth": {allowed: "0-255"},
	"max_user_connections": {allowed: any32}, "max_write_lock_count": {}, "min_examined_row_limit": {allowed: any32}, "myisam_data_pointer_size": {allowed: "2-7"},
	"myisam_max_sort_file_size": {}, "myisam_mmap_size": {}, "myisam_sort_buffer_size": {}, "myisam_stats_method": {allowed: "nulls_equal,nulls_unequal,nulls_ignored"},
	"myisam_use_mmap": {allowed: onOff}, "net_buffer_length": {allowed: "1024-1048576"}, "net_read_timeout": {allowed: seconds}, "net_retry_count": {allowed: any32},
	"net_write_timeout": {allowed: seconds}, "ngram_token_size": {allowed: "1-10", static: true}, "old_alter_table": {allowed: onOff}, "open_files_limit": {fixed: true},
	"optimizer_prune_level": {allowed: onOff}, "optimizer_search_depth": {allowed: "0-62"}, "optimizer_switch": {}, "optimizer_trace": {}, "optimizer_trace_features": {},
	"optimizer_trace_limit": {}, "optimizer_trace_max_mem_size": {}, "optimizer_trace_offset": {}, "parser_max_mem_size": {}, "partial_revokes": {allowed: onOff},
	"password_history": {allowed: any32}, "password_require_current": {allowed: onOff}, "password_reuse_interval": {allowed: any32},
	"performance_schema": {allowed: onOff, static: true}, "pid_file": {fixed: true}, "plugin_dir": {fixed: true}, "port": {fixed: true},
	"preload_buffer_size": {allowed: "1024-1073741824"}, "print_identified_with_as_hex": {allowed: onOff}, "profiling_history_size": {allowed: "0-100"},
	"query_alloc_block_size": {}, "query_prealloc_size": {}, "range_alloc_block_size": {}, "range_optimizer_max_mem_size": {}, "read_buffer_size": {},
	"read_only": {fixed: true}, "read_rnd_buffer_size": {}, "regexp_stack_limit": {allowed: "0-2147483647"}, "regexp_time_limit": {allowed: "0-2147483647"},
	"relay_log": {fixed: true}, "relay_log_info_repository": {fixed: true}, "relay_log_space_limit": {}, "replica_parallel_type": {allowed: "DATABASE,LOGICAL_CLOCK"},
	"replica_parallel_workers": {allowed: "0-1024"}, "replica_pending_jobs_size_max": {}, "replica_preserve_commit_order": {allowed: onOff},
	"replica_skip_errors": {static: true}, "replica_sql_verify_checksum": {allowed: onOff}, "replica_transaction_retries": {allowed: any32},
	"replica_type_conversions": {}, "replicate-do-db": {}, "replicate-do-table": {}, "replicate-ignore-db": {}, "replicate-ignore-table": {},
	"replicate-wild-do-table": {}, "replicate-wild-ignore-table": {}, "require_secure_transport": {allowed: words},
	"rpl_read_size": {allowed: "8192-4294967295"}, "safe-user-create": {allowed: onOff, static: true}, "schema_definition_cache": {allowed: "256-524288"},
	"secure_file_priv": {fixed: true}, "server_audit_cw_upload": {allowed: onOff}, "server_audit_events": {}, "server_audit_excl_users": {},
	"server_audit_incl_users": {}, "server_audit_logging": {allowed: onOff}, "server_audit_logs_upload": {allowed: onOff}, "server_id": {fixed: true},
	"session_track_gtids": {allowed: "OFF,OWN_GTID,ALL_GTIDS"}, "session_track_schema": {allowed: onOff}, "session_track_state_change": {allowed: onOff},
	"session_track_system_variables": {}, "show_create_table_verbosity": {allowed: onOff}, "skip-character-set-client-handshake": {allowed: onOff, static: true},
	"skip-slave-start": {fixed: true}, "skip_name_resolve": {fixed: true}, "skip_show_database": {fixed: true}, "slow_launch_time": {allowed: seconds},
	"slow_query_log": {allowed: onOff}, "slow_query_log_file": {fixed: true}, "socket": {fixed: true}, "sort_buffer_size": {}, "sql_mode": {},
	"sql_select_limit": {}, "ssl_ca": {fixed: true}, "ssl_cert": {fixed: true}, "ssl_cipher": {static: true}, "ssl_key": {fixed: true}, "stored_program_cache": {allowed: "256-524288"},
	"stored_program_definition_cache": {allowed: "256-524288"}, "sync_binlog": {fixed: true}, "sync_frm": {allowed: onOff}, "sysdate-is-now": {allowed: onOff, static: true},
	"table_definition_cache": {}, "table_open_cache": {}, "table_open_cache_instances": {allowed: "1-64", static: true}, "tablespace_definition_cache": {allowed: "256-524288"},
	"temp-pool": {allowed: onOff, static: true}, "temptable_max_mmap": {}, "temptable_max_ram": {}, "temptable_use_mmap": {allowed: onOff}, "thread_cache_size": {},
	"thread_handling": {static: true}, "thread_stack": {static: true}, "time_zone": {}, "tls_version": {static: true}, "tls_ciphersuites": {static: true}, "tmp_table_size": {}, "tmpdir": {fixed: true},
	"transaction_alloc_block_size": {}, "transaction_isolation": {allowed: "READ-UNCOMMITTED,READ-COMMITTED,REPEATABLE-READ,SERIALIZABLE"},
	"transaction_prealloc_size": {}, "tx_isolation": {}, "updatable_views_with_limit": {allowed: onOff}, "validate-password": {static: true},
	"validate_password_dictionary_file": {}, "validate_password_length": {}, "validate_password_mixed_case_count": {}, "validate_password_number_count": {},
	"validate_password_policy": {}, "validate_password_special_char_count": {}, "wait_timeout": {allowed: seconds}, "windowing_use_high_precision": {allowed: onOff},
}

// accepts tells whether a value is allowed. Formulas such as {DBInstanceClassMemory/12} are taken as they are.
func (p parameter) accepts(value string) bool {
	if p.allowed == "" || strings.HasPrefix(value, "{") || strings.Contains(value, "(") {
		return true
	}
	low, high, found := strings.Cut(p.allowed, "-")
	least, err := strconv.ParseInt(low, 10, 64)
	most, failed := strconv.ParseInt(high, 10, 64)
	if !found || err != nil || failed != nil {
		return slices.ContainsFunc(strings.Split(p.allowed, ","), func(one string) bool { return strings.EqualFold(one, value) })
	}
	n, err := strconv.ParseFloat(value, 64)
	return err == nil && n >= float64(least) && n <= float64(most)
}

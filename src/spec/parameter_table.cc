// Made by script/parameters of what PostgreSQL 15 says in pg_settings; not to be edited.
#include "spec/parameter_table.h"

namespace annals::spec {

// NOLINTNEXTLINE(readability-function-size): a table
const std::vector<NumberParameter>& number_parameters() {
  static const std::vector<NumberParameter> kAll{
      {"archive_timeout", false, 0, 1073741823, Unit::kSecond},
      {"authentication_timeout", false, 1, 600, Unit::kSecond},
      {"autovacuum_analyze_scale_factor", true, 0, 100, Unit::kNone},
      {"autovacuum_analyze_threshold", false, 0, 2147483647, Unit::kNone},
      {"autovacuum_freeze_max_age", false, 100000, 2000000000, Unit::kNone},
      {"autovacuum_max_workers", false, 1, 262143, Unit::kNone},
      {"autovacuum_multixact_freeze_max_age", false, 10000, 2000000000, Unit::kNone},
      {"autovacuum_naptime", false, 1, 2147483, Unit::kSecond},
      {"autovacuum_vacuum_cost_delay", true, -1, 100, Unit::kMillisecond},
      {"autovacuum_vacuum_cost_limit", false, -1, 10000, Unit::kNone},
      {"autovacuum_vacuum_insert_scale_factor", true, 0, 100, Unit::kNone},
      {"autovacuum_vacuum_insert_threshold", false, -1, 2147483647, Unit::kNone},
      {"autovacuum_vacuum_scale_factor", true, 0, 100, Unit::kNone},
      {"autovacuum_vacuum_threshold", false, 0, 2147483647, Unit::kNone},
      {"autovacuum_work_mem", false, -1, 2147483647, Unit::kKilobyte},
      {"backend_flush_after", false, 0, 256, Unit::kBlock},
      {"bgwriter_delay", false, 10, 10000, Unit::kMillisecond},
      {"bgwriter_flush_after", false, 0, 256, Unit::kBlock},
      {"bgwriter_lru_maxpages", false, 0, 1073741823, Unit::kNone},
      {"bgwriter_lru_multiplier", true, 0, 10, Unit::kNone},
      {"checkpoint_completion_target", true, 0, 1, Unit::kNone},
      {"checkpoint_flush_after", false, 0, 256, Unit::kBlock},
      {"checkpoint_timeout", false, 30, 86400, Unit::kSecond},
      {"checkpoint_warning", false, 0, 2147483647, Unit::kSecond},
      {"client_connection_check_interval", false, 0, 2147483647, Unit::kMillisecond},
      {"commit_delay", false, 0, 100000, Unit::kNone},
      {"commit_siblings", false, 0, 1000, Unit::kNone},
      {"cpu_index_tuple_cost", true, 0, 1.79769e+308, Unit::kNone},
      {"cpu_operator_cost", true, 0, 1.79769e+308, Unit::kNone},
      {"cpu_tuple_cost", true, 0, 1.79769e+308, Unit::kNone},
      {"cursor_tuple_fraction", true, 0, 1, Unit::kNone},
      {"deadlock_timeout", false, 1, 2147483647, Unit::kMillisecond},
      {"debug_discard_caches", false, 0, 0, Unit::kNone},
      {"default_statistics_target", false, 1, 10000, Unit::kNone},
      {"effective_cache_size", false, 1, 2147483647, Unit::kBlock},
      {"effective_io_concurrency", false, 0, 1000, Unit::kNone},
      {"extra_float_digits", false, -15, 3, Unit::kNone},
      {"from_collapse_limit", false, 1, 2147483647, Unit::kNone},
      {"geqo_effort", false, 1, 10, Unit::kNone},
      {"geqo_generations", false, 0, 2147483647, Unit::kNone},
      {"geqo_pool_size", false, 0, 2147483647, Unit::kNone},
      {"geqo_seed", true, 0, 1, Unit::kNone},
      {"geqo_selection_bias", true, 1.5, 2, Unit::kNone},
      {"geqo_threshold", false, 2, 2147483647, Unit::kNone},
      {"gin_fuzzy_search_limit", false, 0, 2147483647, Unit::kNone},
      {"gin_pending_list_limit", false, 64, 2147483647, Unit::kKilobyte},
      {"hash_mem_multiplier", true, 1, 1000, Unit::kNone},
      {"huge_page_size", false, 0, 2147483647, Unit::kKilobyte},
      {"idle_in_transaction_session_timeout", false, 0, 2147483647, Unit::kMillisecond},
      {"idle_session_timeout", false, 0, 2147483647, Unit::kMillisecond},
      {"jit_above_cost", true, -1, 1.79769e+308, Unit::kNone},
      {"jit_inline_above_cost", true, -1, 1.79769e+308, Unit::kNone},
      {"jit_optimize_above_cost", true, -1, 1.79769e+308, Unit::kNone},
      {"join_collapse_limit", false, 1, 2147483647, Unit::kNone},
      {"lock_timeout", false, 0, 2147483647, Unit::kMillisecond},
      {"log_autovacuum_min_duration", false, -1, 2147483647, Unit::kMillisecond},
      {"log_file_mode", false, 0, 511, Unit::kNone},
      {"log_min_duration_sample", false, -1, 2147483647, Unit::kMillisecond},
      {"log_min_duration_statement", false, -1, 2147483647, Unit::kMillisecond},
      {"log_parameter_max_length", false, -1, 1073741823, Unit::kByte},
      {"log_parameter_max_length_on_error", false, -1, 1073741823, Unit::kByte},
      {"log_rotation_age", false, 0, 35791394, Unit::kMinute},
      {"log_rotation_size", false, 0, 2097151, Unit::kKilobyte},
      {"log_startup_progress_interval", false, 0, 2147483647, Unit::kMillisecond},
      {"log_statement_sample_rate", true, 0, 1, Unit::kNone},
      {"log_temp_files", false, -1, 2147483647, Unit::kKilobyte},
      {"log_transaction_sample_rate", true, 0, 1, Unit::kNone},
      {"logical_decoding_work_mem", false, 64, 2147483647, Unit::kKilobyte},
      {"maintenance_io_concurrency", false, 0, 1000, Unit::kNone},
      {"maintenance_work_mem", false, 1024, 2147483647, Unit::kKilobyte},
      {"max_connections", false, 1, 262143, Unit::kNone},
      {"max_files_per_process", false, 64, 2147483647, Unit::kNone},
      {"max_locks_per_transaction", false, 10, 2147483647, Unit::kNone},
      {"max_logical_replication_workers", false, 0, 262143, Unit::kNone},
      {"max_parallel_maintenance_workers", false, 0, 1024, Unit::kNone},
      {"max_parallel_workers", false, 0, 1024, Unit::kNone},
      {"max_parallel_workers_per_gather", false, 0, 1024, Unit::kNone},
      {"max_pred_locks_per_page", false, 0, 2147483647, Unit::kNone},
      {"max_pred_locks_per_relation", false, -2147483648, 2147483647, Unit::kNone},
      {"max_pred_locks_per_transaction", false, 10, 2147483647, Unit::kNone},
      {"max_prepared_transactions", false, 0, 262143, Unit::kNone},
      {"max_replication_slots", false, 0, 262143, Unit::kNone},
      {"max_slot_wal_keep_size", false, -1, 2147483647, Unit::kMegabyte},
      {"max_stack_depth", false, 100, 2147483647, Unit::kKilobyte},
      {"max_standby_archive_delay", false, -1, 2147483647, Unit::kMillisecond},
      {"max_standby_streaming_delay", false, -1, 2147483647, Unit::kMillisecond},
      {"max_sync_workers_per_subscription", false, 0, 262143, Unit::kNone},
      {"max_wal_senders", false, 0, 262143, Unit::kNone},
      {"max_wal_size", false, 2, 2147483647, Unit::kMegabyte},
      {"max_worker_processes", false, 0, 262143, Unit::kNone},
      {"min_dynamic_shared_memory", false, 0, 2147483647, Unit::kMegabyte},
      {"min_parallel_index_scan_size", false, 0, 715827882, Unit::kBlock},
      {"min_parallel_table_scan_size", false, 0, 715827882, Unit::kBlock},
      {"min_wal_size", false, 2, 2147483647, Unit::kMegabyte},
      {"old_snapshot_threshold", false, -1, 86400, Unit::kMinute},
      {"parallel_setup_cost", true, 0, 1.79769e+308, Unit::kNone},
      {"parallel_tuple_cost", true, 0, 1.79769e+308, Unit::kNone},
      {"port", false, 1, 65535, Unit::kNone},
      {"post_auth_delay", false, 0, 2147, Unit::kSecond},
      {"pre_auth_delay", false, 0, 60, Unit::kSecond},
      {"random_page_cost", true, 0, 1.79769e+308, Unit::kNone},
      {"recovery_min_apply_delay", false, 0, 2147483647, Unit::kMillisecond},
      {"recursive_worktable_factor", true, 0.001, 1e+06, Unit::kNone},
      {"seq_page_cost", true, 0, 1.79769e+308, Unit::kNone},
      {"shared_buffers", false, 16, 1073741823, Unit::kBlock},
      {"statement_timeout", false, 0, 2147483647, Unit::kMillisecond},
      {"superuser_reserved_connections", false, 0, 262143, Unit::kNone},
      {"tcp_keepalives_count", false, 0, 2147483647, Unit::kNone},
      {"tcp_keepalives_idle", false, 0, 2147483647, Unit::kSecond},
      {"tcp_keepalives_interval", false, 0, 2147483647, Unit::kSecond},
      {"tcp_user_timeout", false, 0, 2147483647, Unit::kMillisecond},
      {"temp_buffers", false, 100, 1073741823, Unit::kBlock},
      {"temp_file_limit", false, -1, 2147483647, Unit::kKilobyte},
      {"track_activity_query_size", false, 100, 1048576, Unit::kByte},
      {"unix_socket_permissions", false, 0, 511, Unit::kNone},
      {"vacuum_cost_delay", true, 0, 100, Unit::kMillisecond},
      {"vacuum_cost_limit", false, 1, 10000, Unit::kNone},
      {"vacuum_cost_page_dirty", false, 0, 10000, Unit::kNone},
      {"vacuum_cost_page_hit", false, 0, 10000, Unit::kNone},
      {"vacuum_cost_page_miss", false, 0, 10000, Unit::kNone},
      {"vacuum_defer_cleanup_age", false, 0, 1000000, Unit::kNone},
      {"vacuum_failsafe_age", false, 0, 2100000000, Unit::kNone},
      {"vacuum_freeze_min_age", false, 0, 1000000000, Unit::kNone},
      {"vacuum_freeze_table_age", false, 0, 2000000000, Unit::kNone},
      {"vacuum_multixact_failsafe_age", false, 0, 2100000000, Unit::kNone},
      {"vacuum_multixact_freeze_min_age", false, 0, 1000000000, Unit::kNone},
      {"vacuum_multixact_freeze_table_age", false, 0, 2000000000, Unit::kNone},
      {"wal_buffers", false, -1, 262143, Unit::kBlock},
      {"wal_decode_buffer_size", false, 65536, 1073741823, Unit::kByte},
      {"wal_keep_size", false, 0, 2147483647, Unit::kMegabyte},
      {"wal_receiver_status_interval", false, 0, 2147483, Unit::kSecond},
      {"wal_receiver_timeout", false, 0, 2147483647, Unit::kMillisecond},
      {"wal_retrieve_retry_interval", false, 1, 2147483647, Unit::kMillisecond},
      {"wal_sender_timeout", false, 0, 2147483647, Unit::kMillisecond},
      {"wal_skip_threshold", false, 0, 2147483647, Unit::kKilobyte},
      {"wal_writer_delay", false, 1, 10000, Unit::kMillisecond},
      {"wal_writer_flush_after", false, 0, 2147483647, Unit::kBlock},
      {"work_mem", false, 64, 2147483647, Unit::kKilobyte},
  };
  return kAll;
}

const std::vector<ChoiceParameter>& choice_parameters() {
  static const std::vector<ChoiceParameter> kAll{
      {"archive_mode", "always,on,off"},
      {"backslash_quote", "safe_encoding,on,off"},
      {"bytea_output", "escape,hex"},
      {"client_min_messages", "debug5,debug4,debug3,debug2,debug1,log,notice,warning,error"},
      {"compute_query_id", "auto,regress,on,off"},
      {"constraint_exclusion", "partition,on,off"},
      {"default_toast_compression", "pglz,lz4"},
      {"default_transaction_isolation",
       "serializable,repeatable read,read committed,read uncommitted"},
      {"dynamic_shared_memory_type", "posix,sysv,mmap"},
      {"force_parallel_mode", "off,on,regress"},
      {"huge_pages", "off,on,try"},
      {"intervalstyle", "postgres,postgres_verbose,sql_standard,iso_8601"},
      {"log_error_verbosity", "terse,default,verbose"},
      {"log_min_error_statement",
       "debug5,debug4,debug3,debug2,debug1,info,notice,warning,error,log,fatal,panic"},
      {"log_min_messages",
       "debug5,debug4,debug3,debug2,debug1,info,notice,warning,error,log,fatal,panic"},
      {"log_statement", "none,ddl,mod,all"},
      {"password_encryption", "md5,scram-sha-256"},
      {"plan_cache_mode", "auto,force_generic_plan,force_custom_plan"},
      {"recovery_init_sync_method", "fsync,syncfs"},
      {"recovery_prefetch", "off,on,try"},
      {"recovery_target_action", "pause,promote,shutdown"},
      {"session_replication_role", "origin,replica,local"},
      {"shared_memory_type", "sysv,mmap"},
      {"ssl_max_protocol_version", ",TLSv1,TLSv1.1,TLSv1.2,TLSv1.3"},
      {"ssl_min_protocol_version", "TLSv1,TLSv1.1,TLSv1.2,TLSv1.3"},
      {"stats_fetch_consistency", "none,cache,snapshot"},
      {"synchronous_commit", "local,remote_write,remote_apply,on,off"},
      {"syslog_facility", "local0,local1,local2,local3,local4,local5,local6,local7"},
      {"trace_recovery_messages", "debug5,debug4,debug3,debug2,debug1,log,notice,warning,error"},
      {"track_functions", "none,pl,all"},
      {"transaction_isolation", "serializable,repeatable read,read committed,read uncommitted"},
      {"wal_compression", "pglz,lz4,zstd,on,off"},
      {"wal_level", "minimal,replica,logical"},
      {"wal_sync_method", "fsync,fdatasync,open_sync,open_datasync"},
      {"xmlbinary", "base64,hex"},
      {"xmloption", "content,document"},
  };
  return kAll;
}

std::string_view switch_parameters() {
  return " allow_in_place_tablespaces allow_system_table_mods array_nulls autovacuum bonjour "
         "check_function_bodies data_sync_retry db_user_namespace debug_pretty_print "
         "debug_print_parse debug_print_plan debug_print_rewritten default_transaction_deferrable "
         "default_transaction_read_only enable_async_append enable_bitmapscan enable_gathermerge "
         "enable_hashagg enable_hashjoin enable_incremental_sort enable_indexonlyscan "
         "enable_indexscan enable_material enable_memoize enable_mergejoin enable_nestloop "
         "enable_parallel_append enable_parallel_hash enable_partition_pruning "
         "enable_partitionwise_aggregate enable_partitionwise_join enable_seqscan enable_sort "
         "enable_tidscan escape_string_warning exit_on_error fsync full_page_writes geqo "
         "hot_standby hot_standby_feedback ignore_checksum_failure ignore_invalid_pages "
         "ignore_system_indexes jit jit_debugging_support jit_dump_bitcode jit_expressions "
         "jit_profiling_support jit_tuple_deforming krb_caseins_users lo_compat_privileges "
         "log_checkpoints log_disconnections log_duration log_executor_stats log_hostname "
         "log_lock_waits log_parser_stats log_planner_stats log_recovery_conflict_waits "
         "log_replication_commands log_statement_stats log_truncate_on_rotation logging_collector "
         "parallel_leader_participation quote_all_identifiers recovery_target_inclusive "
         "remove_temp_files_after_crash restart_after_crash row_security ssl "
         "ssl_passphrase_command_supports_reload ssl_prefer_server_ciphers "
         "standard_conforming_strings synchronize_seqscans syslog_sequence_numbers "
         "syslog_split_messages trace_notify trace_sort track_activities track_commit_timestamp "
         "track_counts track_io_timing track_wal_io_timing transaction_deferrable "
         "transaction_read_only transform_null_equals update_process_title wal_init_zero "
         "wal_log_hints wal_receiver_create_temp_slot wal_recycle zero_damaged_pages ";
}

std::string_view text_parameters() {
  return " application_name archive_cleanup_command archive_command archive_library "
         "backtrace_functions bonjour_name client_encoding cluster_name config_file "
         "data_directory datestyle default_table_access_method default_tablespace "
         "default_text_search_config dynamic_library_path event_source extension_destdir "
         "external_pid_file hba_file ident_file jit_provider krb_server_keyfile lc_messages "
         "lc_monetary lc_numeric lc_time listen_addresses local_preload_libraries log_destination "
         "log_directory log_filename log_line_prefix log_timezone primary_conninfo "
         "primary_slot_name promote_trigger_file recovery_end_command recovery_target "
         "recovery_target_lsn recovery_target_name recovery_target_time recovery_target_timeline "
         "recovery_target_xid restore_command restrict_nonsystem_relation_kind search_path "
         "session_preload_libraries shared_preload_libraries ssl_ca_file ssl_cert_file "
         "ssl_ciphers ssl_crl_dir ssl_crl_file ssl_dh_params_file ssl_ecdh_curve ssl_key_file "
         "ssl_passphrase_command synchronous_standby_names syslog_ident temp_tablespaces timezone "
         "timezone_abbreviations unix_socket_directories unix_socket_group "
         "wal_consistency_checking ";
}

}  // namespace annals::spec

# The rooms: which folder of src/ may use which, and what from outside. annals_library refuses anything
# else at configure time, and tests/tidy holds the same table against the includes.
set(ANNALS_ROOMS base journal spec manifests fsm history http k8s lens postgres actions runtime api process)

# The folders without I/O, compiled by the second compiler too.
set(ANNALS_PURE_ROOMS base spec manifests fsm)

set(ANNALS_ROOM_base "")
set(ANNALS_ROOM_journal base)
set(ANNALS_ROOM_spec base)
set(ANNALS_ROOM_manifests base spec)
set(ANNALS_ROOM_fsm base spec manifests)
set(ANNALS_ROOM_history base journal spec manifests fsm)
set(ANNALS_ROOM_http base)
set(ANNALS_ROOM_k8s base http)
set(ANNALS_ROOM_lens base spec manifests fsm k8s)
set(ANNALS_ROOM_postgres base http)
set(ANNALS_ROOM_actions base fsm k8s lens postgres)
set(ANNALS_ROOM_runtime base journal spec manifests fsm history k8s lens postgres actions)
set(ANNALS_ROOM_api base fsm k8s runtime)
set(ANNALS_ROOM_process base journal spec manifests fsm history k8s lens postgres actions runtime api)

set(ANNALS_OUTSIDE_base OpenSSL::Crypto spdlog::spdlog)
set(ANNALS_OUTSIDE_journal RocksDB::rocksdb-shared OpenSSL::Crypto zstd::libzstd_shared Threads::Threads)
set(ANNALS_OUTSIDE_spec nlohmann_json::nlohmann_json)
set(ANNALS_OUTSIDE_manifests nlohmann_json::nlohmann_json)
set(ANNALS_OUTSIDE_fsm "")
set(ANNALS_OUTSIDE_history Threads::Threads)
set(ANNALS_OUTSIDE_http annals_asio)
set(ANNALS_OUTSIDE_k8s annals_asio OpenSSL::SSL OpenSSL::Crypto nlohmann_json::nlohmann_json simdjson::simdjson
                       yaml-cpp Threads::Threads)
set(ANNALS_OUTSIDE_lens simdjson::simdjson)
set(ANNALS_OUTSIDE_postgres annals_asio OpenSSL::SSL OpenSSL::Crypto nlohmann_json::nlohmann_json PostgreSQL::PostgreSQL
                            idn Threads::Threads)
set(ANNALS_OUTSIDE_actions annals_asio nlohmann_json::nlohmann_json)
set(ANNALS_OUTSIDE_runtime annals_asio nlohmann_json::nlohmann_json Threads::Threads)
set(ANNALS_OUTSIDE_api annals_asio nlohmann_json::nlohmann_json prometheus-cpp::core)
set(ANNALS_OUTSIDE_process annals_asio CLI11::CLI11)

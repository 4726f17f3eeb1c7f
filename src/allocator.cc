// The operator's allocator is jemalloc, whose background threads give back what is free: of 1,000
// clusters, which are packed away while they rest, glibc's kept a third more. jemalloc reads
// this when the process starts (jemalloc(3), TUNING): freed pages go back after a second, and one
// heap for each of two threads is enough.
extern "C" {
extern const char* const malloc_conf;
const char* const malloc_conf =
    "background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0,narenas:2";
}

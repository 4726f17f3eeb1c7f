# ANNALS_SANITIZE: address, undefined, both ("address,undefined") or thread; empty for none. Set by presets.
set(ANNALS_SANITIZE "" CACHE STRING "Sanitizer to build with")

if(ANNALS_SANITIZE)
  add_compile_options("-fsanitize=${ANNALS_SANITIZE}" -fno-omit-frame-pointer)
  add_link_options("-fsanitize=${ANNALS_SANITIZE}")
  # Exhaustive tests take a sample here: the sanitizer looks at the code, not at every byte of a file.
  add_compile_definitions(ANNALS_SANITIZED=1)
endif()
if(ANNALS_SANITIZE MATCHES "undefined")
  add_compile_options(-fno-sanitize-recover=all)
  add_link_options(-fno-sanitize-recover=all)
endif()

# libFuzzer's counters are in all code, so that a fuzzer links the libraries as they are.
option(ANNALS_FUZZ "Build the fuzzers, and everything with coverage for them" OFF)
if(ANNALS_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR NOT ANNALS_SANITIZE)
    message(FATAL_ERROR "ANNALS_FUZZ needs clang and ANNALS_SANITIZE: see the preset 'fuzz'")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

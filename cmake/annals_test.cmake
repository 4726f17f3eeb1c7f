# annals_test(NAME LABEL layer SOURCES ... [LINKS ...] [TIMEOUT seconds] [COST seconds] [OPTIMIZED])
# One GoogleTest program of one layer of the tests; ctest knows each of its tests by name under that label. COST: how long
# about the longest of them takes, where that is long; ctest begins with those. OPTIMIZED: what it
# computes takes longer than its compilation.
find_package(GTest REQUIRED)
include(GoogleTest)

function(annals_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "OPTIMIZED" "LABEL;TIMEOUT;COST" "SOURCES;LINKS")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_LABEL)
    message(FATAL_ERROR "annals_test(${name}): needs LABEL and SOURCES")
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 900)  # a test that hangs; with the processor time that nobody else wants, a second becomes many
  endif()
  if(NOT arg_COST)
    set(arg_COST 0)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LINKS} annals_options GTest::gmock GTest::gtest_main)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  if(arg_OPTIMIZED)
    annals_precompiled_headers(${name} source)
  else()
    annals_precompiled_headers(${name} test)
  endif()
  # LABEL_tests builds what this layer needs, and nothing else.
  if(NOT TARGET ${arg_LABEL}_tests)
    add_custom_target(${arg_LABEL}_tests)
  endif()
  add_dependencies(${arg_LABEL}_tests ${name})
  gtest_discover_tests(
    ${name}
    TEST_PREFIX "${arg_LABEL}/${name}/"
    DISCOVERY_TIMEOUT 900
    PROPERTIES LABELS "${arg_LABEL}" TIMEOUT ${arg_TIMEOUT} COST ${arg_COST})
endfunction()

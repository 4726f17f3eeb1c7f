# annals_options: what every target of ours compiles with. Third-party headers are SYSTEM and keep silent.
option(ANNALS_WARNINGS_AS_ERRORS "Treat warnings as errors" OFF)

add_library(annals_options INTERFACE)
target_compile_options(
  annals_options
  INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual -Wextra-semi
            -Wimplicit-fallthrough)
# What assertions print counts from the root too, so that the compiler cache serves every checkout.
target_compile_options(annals_options INTERFACE "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=")
# In large units it would warn of names in other files; the presets that compile each file alone have it.
if(NOT CMAKE_UNITY_BUILD)
  target_compile_options(annals_options INTERFACE -Wshadow)
endif()
# Warnings by what is inlined into what: g++ 12 raises them falsely in code of its own library, in other places with each
# change. Clang's analyzer and the sanitizers look for what they are about.
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(annals_options INTERFACE -Wno-array-bounds -Wno-maybe-uninitialized -Wno-restrict
                                                  -Wno-stringop-overflow -Wno-stringop-overread)
endif()
# By kind of code. Tests' own runs for moments and is compiled for minutes: to optimize it takes more than half of those.
set(annals_source_flags "")
set(annals_test_flags -O0)
if(ANNALS_WARNINGS_AS_ERRORS)
  target_compile_options(annals_options INTERFACE -Werror)
endif()

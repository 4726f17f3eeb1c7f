# The language, the linker and the compiler cache.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_link_options(-fuse-ld=lld)
  # A precompiled header by options of the compiler itself, not handed through with -Xclang as CMake does: the compiler
  # cache then knows the paths in them.
  set(CMAKE_CXX_COMPILE_OPTIONS_USE_PCH -include-pch <PCH_FILE>)
endif()

find_program(ANNALS_CCACHE ccache)
if(ANNALS_CCACHE AND NOT CMAKE_CXX_CLANG_TIDY)
  # What ccache wants to hear before it keeps what was compiled with a precompiled header: that nobody minds __TIME__.
  # It knows that header by the sum beside it (cmake/precompiled), and so in every checkout, wherever that lies: paths in
  # it count from its root. Here, not in a script, so that a build by hand shares what scripts have compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;CCACHE_PCH_EXTSUM=1;CCACHE_BASEDIR=${PROJECT_SOURCE_DIR};CCACHE_NOHASHDIR=1;${ANNALS_CCACHE}")
endif()


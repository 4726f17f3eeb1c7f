# annals_options: what every target of ours compiles with. Third-party headers are SYSTEM and keep silent.
option(ANNALS_WARNINGS_AS_ERRORS "Treat warnings as errors" OFF)

add_library(annals_options INTERFACE)
target_compile_options(
  annals_options
  INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual -Wextra-semi
            -Wimplicit-fallthrough)
if(ANNALS_WARNINGS_AS_ERRORS)
  target_compile_options(annals_options INTERFACE -Werror)
endif()

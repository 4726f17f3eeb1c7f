# annals_library(ROOM HEADERS ... SOURCES ... [LINKS ...] [PRIVATE_LINKS ...])
# The one way to declare a folder of src/: a static library annals_ROOM with the alias annals::ROOM. Files are
# listed, never globbed. Links, also private ones, must stand in the room's lines of rooms.cmake.
include(rooms)

function(annals_check_room room)
  foreach(link IN LISTS ARGN)
    if(link MATCHES "^annals::(.*)$")
      if(NOT CMAKE_MATCH_1 IN_LIST ANNALS_ROOM_${room})
        message(FATAL_ERROR "src/${room} may not use src/${CMAKE_MATCH_1}: see cmake/rooms.cmake")
      endif()
    elseif(NOT link IN_LIST ANNALS_OUTSIDE_${room})
      message(FATAL_ERROR "src/${room} may not use ${link}: see cmake/rooms.cmake")
    endif()
  endforeach()
endfunction()

function(annals_library room)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;SOURCES;LINKS;PRIVATE_LINKS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "annals_library(${room}): what is '${arg_UNPARSED_ARGUMENTS}'?")
  endif()
  if(NOT room IN_LIST ANNALS_ROOMS)
    message(FATAL_ERROR "no room '${room}' in cmake/rooms.cmake")
  endif()
  annals_check_room(${room} ${arg_LINKS} ${arg_PRIVATE_LINKS})

  add_library(annals_${room} STATIC ${arg_SOURCES})
  add_library(annals::${room} ALIAS annals_${room})
  target_sources(
    annals_${room}
    PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/src" FILES ${arg_HEADERS})
  target_link_libraries(
    annals_${room}
    PUBLIC ${arg_LINKS}
    PRIVATE ${arg_PRIVATE_LINKS} annals_options)
  annals_precompiled_headers(annals_${room} source)
  # all_verify_interface_header_sets compiles each header alone.
  set_target_properties(annals_${room} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
endfunction()

# annals_asio: Boost.Asio and Beast with their implementation compiled once, for all that use them. A program must not mix
# this with the header-only form: each has error categories of its own, and a comparison such as `error == asio::error::eof`
# is false between the two.
if(ANNALS_PURE_CORE_ONLY)
  return()
endif()
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(Threads REQUIRED)
add_library(annals_asio STATIC "${PROJECT_SOURCE_DIR}/cmake/asio/compiled.cc")
target_compile_definitions(annals_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION)
target_link_libraries(annals_asio PUBLIC Boost::headers OpenSSL::SSL OpenSSL::Crypto Threads::Threads PRIVATE annals_options)

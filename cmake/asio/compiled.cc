// The one place where Asio's and Beast's implementation is compiled; every other file sees
// declarations only. See CMakeLists.txt.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>

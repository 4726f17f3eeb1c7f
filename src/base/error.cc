#include "base/error.h"

#include <utility>

namespace annals {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::kNotFound:
      return "not found";
    case Errc::kConflict:
      return "conflict";
    case Errc::kTimeout:
      return "timeout";
    case Errc::kUnavailable:
      return "unavailable";
    case Errc::kInvalid:
      return "invalid";
    case Errc::kForbidden:
      return "forbidden";
    case Errc::kCorrupt:
      return "corrupt";
  }
  return "unknown error code";
}

Error Error::while_doing(std::string_view what) && {
  detail.insert(0, ": ").insert(0, what);
  return std::move(*this);
}

Error Error::while_doing(std::string_view what) const& { return Error(*this).while_doing(what); }

std::string to_string(const Error& error) {
  return std::string(to_string(error.code)).append(": ").append(error.detail);
}

}  // namespace annals

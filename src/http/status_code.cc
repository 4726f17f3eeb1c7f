#include "http/status_code.h"

namespace annals::http {

Errc code_of_status(unsigned status) {
  switch (status) {
    case 401:
    case 403:
      return Errc::kForbidden;
    case 404:
      return Errc::kNotFound;
    case 409:
    case 410:
    case 412:
    case 428:
      return Errc::kConflict;
    case 408:
    case 429:
      return Errc::kUnavailable;
    default:
      return status >= 500 ? Errc::kUnavailable : Errc::kInvalid;
  }
}

}  // namespace annals::http

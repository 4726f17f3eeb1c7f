// Result<T>: a value, or the Error that says why there is none. It must be looked at.
//
//   Result<Record> record = reader.read(seq);
//   if (!record) return fail(std::move(record).error().while_doing("explain the decision"));
#pragma once

#include <expected>
#include <utility>

#include "base/concat.h"
#include "base/error.h"

namespace annals {

template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

// The unexpected side, ready to return from a function with any Result.
[[nodiscard]] inline std::unexpected<Error> fail(Error error) {
  return std::unexpected<Error>(std::move(error));
}

// fail(Errc::kCorrupt, "record ", seq, " is missing"): the parts become the detail.
template <class... Parts>
[[nodiscard]] std::unexpected<Error> fail(Errc code, const Parts&... parts) {
  return fail(Error{code, concat(parts...)});
}

}  // namespace annals

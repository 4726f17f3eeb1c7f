// A client that writes a hundred times a second through a cluster's primary Service, in a pod of
// its own, and notes each row that the database has acknowledged. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include <set>
#include <string>

namespace annals::e2e {

class Writer {
 public:
  /// As the cluster's user, into a table of its own; on a node that stays connected.
  Writer(std::string cluster, const std::string& node);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// How many rows have been acknowledged so far.
  [[nodiscard]] long acknowledged() const;
  /// How often it has lost its connection, or was refused a row.
  [[nodiscard]] long errors() const;
  /// Ends writing; the rows that were acknowledged.
  std::set<long> stop();

  /// The table, as the cluster's superuser names it.
  [[nodiscard]] std::string table() const;

 private:
  std::string cluster_;
  std::string pod_;
};

}  // namespace annals::e2e

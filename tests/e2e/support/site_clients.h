// Clients of two sites of one database, of which one is the primary and the other one follows: a
// writer that goes to whoever takes writes, and a prober that asks both. By libpq, from this
// computer. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace annals::e2e {

/// How libpq reaches a site, and as whom.
using SiteAddress = std::string;

/// Inserts a number at every beat, and remembers each that was acknowledged.
class SiteWriter {
 public:
  /// The table "beats (n bigint)" is there.
  explicit SiteWriter(std::vector<SiteAddress> sites);
  ~SiteWriter();
  SiteWriter(const SiteWriter&) = delete;
  SiteWriter& operator=(const SiteWriter&) = delete;

  /// The longest time without an acknowledged row since the last call, until now.
  double longest_gap_s();
  [[nodiscard]] std::set<long> acknowledged() const;
  /// Ends writing.
  void stop();

 private:
  void run();
  void succeeded(long number);

  std::vector<SiteAddress> sites_;
  std::atomic<bool> stop_ = false;
  mutable std::mutex mutex_;
  std::set<long> acknowledged_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  double longest_ = 0;
  std::thread thread_;
};

/// Asks each site twenty times a second whether it takes writes.
class SiteProber {
 public:
  explicit SiteProber(const std::vector<SiteAddress>& sites);
  ~SiteProber();
  SiteProber(const SiteProber&) = delete;
  SiteProber& operator=(const SiteProber&) = delete;

  /// Ends asking.
  void stop();
  /// After that: beats at which more than one took writes, and those with an answer of each.
  [[nodiscard]] long both_writable() const;
  [[nodiscard]] long answered_by_all() const;

 private:
  void run(const SiteAddress& site, std::vector<signed char>& answers) const;
  [[nodiscard]] long beats_with(std::size_t sites, signed char least) const;

  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::atomic<bool> stop_ = false;
  std::vector<std::vector<signed char>> answers_;  // by site and beat
  std::vector<std::thread> threads_;
};

/// The numbers in the table, by whoever answers there.
std::set<long> stored_beats(const SiteAddress& site);
/// Makes the table.
void make_beats(const SiteAddress& site);

}  // namespace annals::e2e

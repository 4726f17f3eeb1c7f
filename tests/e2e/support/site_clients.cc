// SPDX-License-Identifier: Apache-2.0
#include "support/site_clients.h"

#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "support/shell.h"

namespace annals::e2e {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;
using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

constexpr auto kBetweenWrites = 10ms;
constexpr auto kBetweenProbes = 50ms;  // 20 Hz
// Of one probe.
constexpr signed char kNoAnswer = 0;
constexpr signed char kReadOnly = 1;
constexpr signed char kWritable = 2;

Connection connect(const SiteAddress& site) { return {PQconnectdb(site.c_str()), PQfinish}; }

bool is_open(const Connection& connection) {
  return connection && PQstatus(connection.get()) == CONNECTION_OK;
}

Answer ask(const Connection& connection, const std::string& sql) {
  return {PQexec(connection.get(), sql.c_str()), PQclear};
}

double seconds(Steady::duration time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

SiteWriter::SiteWriter(std::vector<SiteAddress> sites)
    : sites_(std::move(sites)), thread_([this] { run(); }) {}

SiteWriter::~SiteWriter() { stop(); }

void SiteWriter::stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

double SiteWriter::longest_gap_s() {
  const std::scoped_lock lock(mutex_);
  const double gap = std::max(longest_, seconds(Steady::now() - last_));
  longest_ = 0;
  return gap;
}

std::set<long> SiteWriter::acknowledged() const {
  const std::scoped_lock lock(mutex_);
  return acknowledged_;
}

void SiteWriter::succeeded(long number) {
  const std::scoped_lock lock(mutex_);
  acknowledged_.insert(number);
  const Steady::time_point now = Steady::now();
  longest_ = std::max(longest_, seconds(now - last_));
  last_ = now;
}

// Of a row whose answer was lost nobody knows, and it is not written again: each has its own
// number.
void SiteWriter::run() {
  Connection connection(nullptr, PQfinish);
  std::size_t site = 0;
  long next = 0;
  for (Steady::time_point beat = Steady::now(); !stop_; beat += kBetweenWrites) {
    std::this_thread::sleep_until(beat);
    beat = std::max(beat, Steady::now() - kBetweenWrites);
    if (!connection) connection = connect(sites_.at(site));
    const long number = ++next;
    const bool is_written =
        is_open(connection) &&
        PQresultStatus(
            ask(connection, "INSERT INTO beats VALUES (" + std::to_string(number) + ")").get()) ==
            PGRES_COMMAND_OK;
    if (is_written) {
      succeeded(number);
    } else {
      connection.reset();
      site = (site + 1) % sites_.size();
    }
  }
}

SiteProber::SiteProber(const std::vector<SiteAddress>& sites) : answers_(sites.size()) {
  for (std::size_t i = 0; i < sites.size(); ++i)
    threads_.emplace_back([this, site = sites[i], i] { run(site, answers_[i]); });
}

SiteProber::~SiteProber() { stop(); }

void SiteProber::stop() {
  stop_ = true;
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

// An answer counts for the beat at which it was asked for.
void SiteProber::run(const SiteAddress& site, std::vector<signed char>& answers) const {
  Connection connection(nullptr, PQfinish);
  for (std::size_t beat = 0; !stop_; ++beat) {
    const auto late = static_cast<std::size_t>((Steady::now() - begin_) / kBetweenProbes);
    beat = std::max(beat, late + 1);
    std::this_thread::sleep_until(begin_ + kBetweenProbes * static_cast<long>(beat));
    answers.resize(beat + 1, kNoAnswer);
    if (!is_open(connection)) connection = connect(site);
    if (!is_open(connection)) continue;
    const Answer answer =
        ask(connection,
            "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean");
    if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK) {
      connection.reset();
      continue;
    }
    const bool is_read_only = std::string_view(PQgetvalue(answer.get(), 0, 0)) == "t";
    answers[beat] = is_read_only ? kReadOnly : kWritable;
  }
}

long SiteProber::beats_with(std::size_t sites, signed char least) const {
  std::size_t end = 0;
  for (const auto& each : answers_) end = std::max(end, each.size());
  long count = 0;
  for (std::size_t beat = 0; beat < end; ++beat) {
    const auto as_much = std::ranges::count_if(
        answers_, [&](const auto& each) { return beat < each.size() && each[beat] >= least; });
    if (static_cast<std::size_t>(as_much) >= sites) ++count;
  }
  return count;
}

long SiteProber::both_writable() const { return beats_with(2, kWritable); }
long SiteProber::answered_by_all() const { return beats_with(answers_.size(), kReadOnly); }

void make_beats(const SiteAddress& site) {
  const Connection connection = connect(site);
  const Answer made = ask(connection,
                          "CREATE SCHEMA IF NOT EXISTS AUTHORIZATION CURRENT_USER; "
                          "CREATE TABLE beats (n bigint PRIMARY KEY)");
  if (PQresultStatus(made.get()) != PGRES_COMMAND_OK)
    throw CommandFailed(PQerrorMessage(connection.get()));
}

std::set<long> stored_beats(const SiteAddress& site) {
  const Connection connection = connect(site);
  const Answer rows = ask(connection, "SELECT n FROM beats");
  if (PQresultStatus(rows.get()) != PGRES_TUPLES_OK)
    throw CommandFailed(PQerrorMessage(connection.get()));
  std::set<long> numbers;
  for (int row = 0; row < PQntuples(rows.get()); ++row)
    numbers.insert(std::strtol(PQgetvalue(rows.get(), row, 0), nullptr, 10));
  return numbers;
}

}  // namespace annals::e2e

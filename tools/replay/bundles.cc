#include "bundles.h"

#include <nlohmann/json.hpp>

#include "journal/bundle.h"

namespace annals::replay {
namespace {

void print(const journal::BundleReport& report, const std::string& made, const Out& out) {
  if (out.json) {
    const nlohmann::json document = {{"made", made},
                                     {"records", report.records},
                                     {"snapshots", report.snapshots},
                                     {"blobs", report.blobs}};
    *out.text << document.dump() << "\n";
    return;
  }
  *out.text << made << ": " << report.records << " records, " << report.snapshots << " snapshots, "
            << report.blobs << " blobs\n";
}

// Bundles are chosen by time.
Result<std::optional<Timestamp>> time_of(const journal::Reader& reader,
                                         const std::optional<Point>& point) {
  if (!point) return std::nullopt;
  if (point->time) return point->time;
  const Result<Sequence> at = last_at(reader, *point);
  if (!at) return fail(at.error());
  const Result<journal::Record> record = reader.read(*at);
  if (!record) return fail(record.error());
  return record->time;
}

}  // namespace

Result<void> export_to(const journal::Reader& reader, const Selection& selection,
                       const std::string& file, const Out& out) {
  const Result<std::optional<Timestamp>> from = time_of(reader, selection.from);
  if (!from) return fail(from.error());
  const Result<std::optional<Timestamp>> to = time_of(reader, selection.to);
  if (!to) return fail(to.error());
  const journal::BundleSelection part{
      .clusters = {selection.clusters.begin(), selection.clusters.end()}, .from = *from, .to = *to};
  const Result<journal::BundleReport> report = journal::export_bundle(reader, part, file);
  if (!report) return fail(report.error());
  print(*report, file, out);
  return {};
}

Result<void> import_from(const std::string& file, const std::string& directory, const Out& out) {
  const Result<journal::BundleReport> report = journal::import_bundle(file, directory);
  if (!report) return fail(report.error());
  print(*report, directory, out);
  return {};
}

}  // namespace annals::replay

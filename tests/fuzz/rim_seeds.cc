// Makes seeds that need a writer of ours, so that they are never of an older format, and no key
// stands in the repository: rim_seeds BUNDLE_FOLDER CREDENTIALS_FOLDER.
#include <stdlib.h>
#include <zstd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/concat.h"
#include "journal/bundle.h"
#include "journal/journal.h"
#include "postgres/tls/certificate.h"

namespace {

using annals::concat;
namespace journal = annals::journal;
namespace postgres = annals::postgres;

constexpr annals::Timestamp kNow{std::chrono::sys_days(std::chrono::year(2026) / 1 / 2)};
constexpr std::size_t kBundleHead = 12;    // before the compressed items
constexpr std::size_t kBundleDigest = 32;  // after them
constexpr std::size_t kItemsMax = std::size_t{1} << 20;

template <class T>
T value(annals::Result<T> result) {
  if (!result) throw std::runtime_error(to_string(result.error()));
  return *std::move(result);
}

void write(const std::filesystem::path& file, const std::string& content) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << content;
  if (!out.flush()) throw std::runtime_error(concat(file.native(), " cannot be written"));
}

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The items of a bundle as they stand in its file.
std::string items_of(std::string_view bundle) {
  bundle.remove_prefix(kBundleHead);
  bundle.remove_suffix(kBundleDigest);
  std::string items(kItemsMax, '\0');
  ZSTD_DCtx* context = ZSTD_createDCtx();
  ZSTD_inBuffer in{bundle.data(), bundle.size(), 0};
  ZSTD_outBuffer out{items.data(), items.size(), 0};
  const std::size_t left = ZSTD_decompressStream(context, &out, &in);
  ZSTD_freeDCtx(context);
  if (left != 0) throw std::runtime_error("the bundle was not understood");
  items.resize(out.pos);
  return items;
}

journal::Entry entry(const char* cluster, std::string_view payload) {
  journal::Entry made;
  made.epoch = annals::Epoch(1);
  made.cluster = annals::ClusterUid(cluster);
  made.kind = journal::Kind::kFact;
  made.type = "synced";
  made.payload = payload;
  return made;
}

void fill(journal::Journal& to) {
  for (const char* cluster : {"a", "operator", "b", "a"}) {
    journal::Batch batch;
    batch.entries.push_back(entry(cluster, "{}"));
    batch.blobs = {concat("manifest of ", cluster)};
    batch.entries[0].blobs = {annals::sha256(batch.blobs[0])};
    (void)value(to.append_and_wait(std::move(batch)));
  }
  journal::Batch snapshots;
  snapshots.snapshots = {{annals::ClusterUid("a"), annals::Sequence(1), "{}"},
                         {annals::ClusterUid("b"), annals::Sequence(3), "{}"}};
  (void)value(to.append_and_wait(std::move(snapshots)));
}

// A whole journal, and the part of one cluster in it, which has gaps.
void make_bundles(const std::filesystem::path& folder) {
  const std::filesystem::path scratch = folder / "scratch";
  std::filesystem::create_directories(scratch);
  annals::ManualClock clock{kNow};
  journal::Options options;
  options.directory = scratch / "journal";
  options.clock = &clock;
  {
    const auto opened = value(journal::Journal::open(std::move(options)));
    fill(*opened);
    journal::BundleSelection part;
    part.clusters = {annals::ClusterUid("a")};
    (void)value(journal::export_bundle(opened->reader(), {}, scratch / "all"));
    (void)value(journal::export_bundle(opened->reader(), part, scratch / "part"));
  }
  for (const char* name : {"all", "part"})
    write(folder / name, concat("z", items_of(read(scratch / name))));
  std::filesystem::remove_all(scratch);
}

std::string in_json(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped += c == '\n' ? std::string("\\n") : std::string(1, c);
  return escaped;
}

void make_credentials(const std::filesystem::path& folder) {
  const postgres::KeyPair root = value(postgres::make_root("root", kNow));
  const postgres::KeyPair own =
      value(postgres::make_leaf(root, {.common_name = "developer"}, kNow));
  write(folder / "pod", concat("f10.0.0.1\n443\noperators\na-token\n", root.certificate));
  write(folder / "pair",
        concat("f::1\n6443\noperators\na-token\n", own.certificate, own.key.reveal()));
  write(folder / "plugin",
        concat("e", R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",)",
               R"("status":{"token":"t","clientCertificateData":")", in_json(own.certificate),
               R"(","clientKeyData":")", in_json(own.key.reveal()),
               R"(","expirationTimestamp":"2026-01-31T08:05:00Z"}})"));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return EXIT_FAILURE;
  try {
    for (const char* folder : {argv[1], argv[2]}) {
      std::filesystem::remove_all(folder);
      std::filesystem::create_directories(folder);
    }
    make_bundles(argv[1]);
    make_credentials(argv[2]);
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return EXIT_FAILURE;
  }
}

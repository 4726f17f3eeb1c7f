#include "source.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "journal/bundle.h"

namespace annals::replay {

namespace fs = std::filesystem;

struct Source::Unpacked {
  Unpacked() = default;
  Unpacked(const Unpacked&) = delete;
  Unpacked& operator=(const Unpacked&) = delete;
  ~Unpacked() {
    std::error_code ignored;
    if (!directory.empty()) fs::remove_all(directory, ignored);
  }

  Result<void> make() {
    std::error_code error;
    std::string pattern = (fs::temp_directory_path(error) / "annals-bundle-XXXXXX").string();
    if (error || ::mkdtemp(pattern.data()) == nullptr) {
      return fail(Errc::kUnavailable,
                  "cannot create a temporary directory for the bundle: ", pattern,
                  "; set TMPDIR to a writable directory");
    }
    directory = pattern;
    return {};
  }

  std::string directory;
};

Result<Source> Source::open(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    return fail(Errc::kNotFound, "--journal: ", path,
                " does not exist: give a journal directory, a checkpoint, or a bundle file");
  }
  Source source;
  std::string directory = path;
  if (!fs::is_directory(status)) {
    source.unpacked_ = std::make_shared<Unpacked>();
    const Result<void> made = source.unpacked_->make();
    if (!made) return fail(made.error());
    directory = source.unpacked_->directory + "/journal";
    const Result<journal::BundleReport> imported = journal::import_bundle(path, directory);
    if (!imported) return fail(imported.error().while_doing("--journal"));
  } else if (!fs::exists(fs::path(path) / "HEAD")) {
    return fail(Errc::kNotFound, "--journal: ", path,
                " is not a journal (it has no file HEAD): give the directory of the "
                "operator's --journal");
  }
  Result<std::unique_ptr<journal::Reader>> reader = journal::Reader::open(directory);
  if (!reader) return fail(std::move(reader).error().while_doing(concat("--journal ", path)));
  source.reader_ = std::move(*reader);
  source.directory_ = std::move(directory);
  return source;
}

}  // namespace annals::replay

#include "journal/observers.h"

#include <rocksdb/env.h>
#include <rocksdb/listener.h>

#include <array>
#include <cstdarg>
#include <cstdio>

#include "journal/status.h"

namespace annals::journal {
namespace {

constexpr std::size_t kMaxDamageText = 2000;

class DamageLogger final : public rocksdb::Logger {
 public:
  explicit DamageLogger(Observers& observers)
      : Logger(rocksdb::InfoLogLevel::WARN_LEVEL), observers_(&observers) {}

  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    std::array<char, 1024> line{};
    std::vsnprintf(line.data(), line.size(), format, arguments);
    const std::string_view text = line.data();
    if (!text.contains("dropping") && !text.contains("orruption")) return;
    const std::lock_guard lock(observers_->mutex);
    if (observers_->damage.size() > kMaxDamageText) return;
    if (!observers_->damage.empty()) observers_->damage += "; ";
    observers_->damage += text;
  }

 private:
  Observers* observers_;
};

class FileListener final : public rocksdb::EventListener {
 public:
  explicit FileListener(Observers& observers) : observers_(&observers) {}

  void OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo&) override { changed(); }
  void OnCompactionCompleted(rocksdb::DB*, const rocksdb::CompactionJobInfo&) override {
    changed();
  }
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    const std::lock_guard lock(observers_->mutex);
    if (!observers_->background_error) {
      observers_->background_error = to_error(*status, "background work");
    }
  }

 private:
  void changed() { observers_->files_changed = true; }

  Observers* observers_;
};

}  // namespace

std::shared_ptr<rocksdb::Logger> Observers::make_logger(Observers& observers) {
  return std::make_shared<DamageLogger>(observers);
}

std::shared_ptr<rocksdb::EventListener> Observers::make_listener(Observers& observers) {
  return std::make_shared<FileListener>(observers);
}

}  // namespace annals::journal

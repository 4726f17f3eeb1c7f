#include "base/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <utility>

namespace annals {
namespace {

constexpr std::array kNames{"debug", "info", "warn", "error"};
constexpr std::array kSpdlogLevels{spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                   spdlog::level::err};

void append_fields(std::string& line, Fields fields) {
  for (const Field& field : fields) {
    line += concat(",\"", field.name(), "\":", field.json());
  }
}

}  // namespace

class LogSink {
 public:
  explicit LogSink(spdlog::sink_ptr sink) : logger_("annals", std::move(sink)) {
    logger_.set_pattern("%v");  // the line is already complete
    logger_.set_level(spdlog::level::debug);
    logger_.flush_on(spdlog::level::debug);
  }

  void write(LogLevel level, std::string_view line) {
    logger_.log(kSpdlogLevels.at(static_cast<std::size_t>(level)), line);
  }

 private:
  spdlog::logger logger_;
};

std::shared_ptr<LogSink> log_to(std::ostream& stream) {
  return std::make_shared<LogSink>(std::make_shared<spdlog::sinks::ostream_sink_mt>(stream));
}

std::shared_ptr<LogSink> log_to_stderr() {
  return std::make_shared<LogSink>(std::make_shared<spdlog::sinks::stderr_sink_mt>());
}

std::string Field::quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string json = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (c == '\n') {
      json += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      json += "\\u00";
      json += kHex[byte >> 4U];
      json += kHex[byte & 0xfU];
    } else {
      json += c;
    }
  }
  return json += '"';
}

Log::Log(std::shared_ptr<LogSink> sink, const Clock& clock, LogLevel level)
    : sink_(std::move(sink)), clock_(&clock), level_(level) {}

Log Log::child(Fields fields) const {
  Log log = *this;
  append_fields(log.carried_, fields);
  return log;
}

Log Log::at_level(LogLevel level) const {
  Log log = *this;
  log.level_ = level;
  return log;
}

void Log::debug(std::string_view event, Fields fields) const {
  write(LogLevel::kDebug, event, fields);
}
void Log::info(std::string_view event, Fields fields) const {
  write(LogLevel::kInfo, event, fields);
}
void Log::warn(std::string_view event, Fields fields) const {
  write(LogLevel::kWarn, event, fields);
}
void Log::error(std::string_view event, Fields fields) const {
  write(LogLevel::kError, event, fields);
}

void Log::write(LogLevel level, std::string_view event, Fields fields) const {
  if (!sink_ || level < level_) return;
  std::string line =
      concat(R"({"time":")", clock_->now(), R"(","level":")",
             kNames.at(static_cast<std::size_t>(level)), R"(","event":")", event, '"', carried_);
  append_fields(line, fields);
  line += '}';
  sink_->write(level, line);
}

}  // namespace annals

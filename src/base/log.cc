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

// As people read it: without quotes where nothing could be mistaken.
std::string_view plain(std::string_view json) {
  if (json.size() < 3 || json.front() != '"') return json;
  const std::string_view inner = json.substr(1, json.size() - 2);
  return inner.find_first_of(" =\"\\") == std::string_view::npos ? inner : json;
}

void append_fields(std::string& line, Fields fields, LogFormat format) {
  for (const Field& field : fields) {
    line += format == LogFormat::kJson ? concat(",\"", field.name(), "\":", field.json())
                                       : concat(' ', field.name(), '=', plain(field.json()));
  }
}

}  // namespace

class LogSink {
 public:
  LogSink(spdlog::sink_ptr sink, LogFormat format)
      : format_(format), logger_("annals", std::move(sink)) {
    logger_.set_pattern("%v");  // the line is already complete
    logger_.set_level(spdlog::level::debug);
    logger_.flush_on(spdlog::level::debug);
  }

  LogFormat format() const { return format_; }

  void write(LogLevel level, std::string_view line) {
    logger_.log(kSpdlogLevels.at(static_cast<std::size_t>(level)), line);
  }

 private:
  LogFormat format_;
  spdlog::logger logger_;
};

std::shared_ptr<LogSink> log_to(std::ostream& stream, LogFormat format) {
  return std::make_shared<LogSink>(std::make_shared<spdlog::sinks::ostream_sink_mt>(stream),
                                   format);
}

std::shared_ptr<LogSink> log_to_stderr(LogFormat format) {
  return std::make_shared<LogSink>(std::make_shared<spdlog::sinks::stderr_sink_mt>(), format);
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
  if (sink_) append_fields(log.carried_, fields, sink_->format());
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
  const std::string_view name = kNames.at(static_cast<std::size_t>(level));
  const bool is_json = sink_->format() == LogFormat::kJson;
  std::string line = is_json ? concat(R"({"time":")", clock_->now(), R"(","level":")", name,
                                      R"(","event":")", event, '"', carried_)
                             : concat(clock_->now(), ' ', name, ' ', event, carried_);
  append_fields(line, fields, sink_->format());
  if (is_json) line += '}';
  sink_->write(level, line);
}

}  // namespace annals

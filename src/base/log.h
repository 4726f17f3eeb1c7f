// Log: one line an event on a sink, as a JSON object or as text with name=value; the message is a
// constant kebab-case event, data is in fields. A Log is a cheap value; child() adds fields that
// every line of the child carries.
//   log.info("transition", {{"cluster", uid}, {"seq", seq}, {"name", "primary-lost"}});
// Levels: error = a person must act; warn = retried; info = state changed; debug = why not.
// Thread-safe. Nothing here throws; a line that cannot be written is lost.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/clock.h"
#include "base/concat.h"
#include "base/id.h"
#include "base/secret.h"

namespace annals {

// A named value, rendered to JSON when it is made. Durations are in milliseconds: name them _ms.
class Field {
 public:
  template <class T>
  Field(std::string_view name, const T& value) : name_(name) {
    constexpr bool kCountingId = requires { requires std::integral<typename T::Representation>; };
    if constexpr (std::same_as<T, Duration>) {
      json_ = concat(std::chrono::duration<double, std::milli>(value).count());
    } else if constexpr (kCountingId || (std::is_arithmetic_v<T> && !std::same_as<T, char>)) {
      json_ = concat(value);
    } else {
      json_ = quoted(concat(value));
    }
  }

  std::string_view name() const { return name_; }
  std::string_view json() const { return json_; }

 private:
  static std::string quoted(std::string_view text);

  std::string_view name_;  // a literal; lives for ever
  std::string json_;
};

using Fields = std::initializer_list<Field>;

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError };

enum class LogFormat : std::uint8_t { kJson, kText };

class LogSink;

// Lines go to this stream, which the caller keeps alive and does not write to meanwhile.
std::shared_ptr<LogSink> log_to(std::ostream& stream, LogFormat format = LogFormat::kJson);
// Lines go to the process's standard error.
std::shared_ptr<LogSink> log_to_stderr(LogFormat format = LogFormat::kJson);

class Log {
 public:
  // A log that goes nowhere.
  Log() = default;
  // Takes its times from `clock`, which outlives every copy and child.
  Log(std::shared_ptr<LogSink> sink, const Clock& clock, LogLevel level = LogLevel::kInfo);

  // The same sink with further fields: {"component", "journal"}, {"cluster", uid}.
  [[nodiscard]] Log child(Fields fields) const;
  // The same log at another level, for one component.
  [[nodiscard]] Log at_level(LogLevel level) const;

  // Whether a line of this level goes anywhere: before fields that are dear to make.
  bool writes(LogLevel level) const { return sink_ != nullptr && level >= level_; }

  void debug(std::string_view event, Fields fields = {}) const;
  void info(std::string_view event, Fields fields = {}) const;
  void warn(std::string_view event, Fields fields = {}) const;
  void error(std::string_view event, Fields fields = {}) const;

 private:
  void write(LogLevel level, std::string_view event, Fields fields) const;

  std::shared_ptr<LogSink> sink_;
  const Clock* clock_ = nullptr;
  LogLevel level_ = LogLevel::kInfo;
  std::string carried_;  // the fields of this log, as the text to insert in each line
};

}  // namespace annals

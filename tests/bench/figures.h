// What a benchmark prints: one line a figure, `name value unit`, or all as one JSON object.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace annals::bench {

class Figures {
 public:
  void add(std::string_view name, double value, std::string_view unit) {
    figures_.push_back({std::string(name), value, std::string(unit)});
  }

  void print(bool as_json) const {
    const char* separator = "";
    if (as_json) std::printf("{");
    for (const Figure& figure : figures_) {
      if (as_json) {
        std::printf(R"(%s"%s":{"value":%.6g,"unit":"%s"})", separator, figure.name.c_str(),
                    figure.value, figure.unit.c_str());
        separator = ",";
      } else {
        std::printf("%s %.6g %s\n", figure.name.c_str(), figure.value, figure.unit.c_str());
      }
    }
    if (as_json) std::printf("}\n");
  }

 private:
  struct Figure {
    std::string name;
    double value;
    std::string unit;
  };
  std::vector<Figure> figures_;
};

// The least value that this share of all samples does not exceed: of ten, the 0.99 quantile is the
// greatest.
inline double quantile(std::vector<double> samples, double share) {
  std::ranges::sort(samples);
  const double rank = std::ceil(share * static_cast<double>(samples.size()));
  return samples.at(static_cast<std::size_t>(std::max(1.0, rank)) - 1);
}

inline double milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

inline int from_environment(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

}  // namespace annals::bench

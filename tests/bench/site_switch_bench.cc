// Switches of sites there and back: two clusters that follow each other in turn, on the cluster of
// script/cluster, with the S3 server of script/s3. One writer goes to whoever takes writes, and one
// prober asks both twenty times a second. Usage: site_switch_bench DIRECTORY [--json]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/sites.h"
#include "tests/bench/figures.h"

namespace annals::bench {
namespace {

class Switches : public e2e::Sites {
 public:
  static void measure(Figures& figures);
};

void Switches::measure(Figures& figures) {
  // There and back.
  const int rounds = from_environment("ANNALS_BENCH_SWITCHES", 10);
  make_sites();
  std::vector<double> gaps;
  std::vector<double> seconds;
  e2e::SiteWriter writer(addresses());
  e2e::SiteProber prober(addresses());
  for (int i = 0; i < 2 * rounds; ++i) {
    const bool is_there = i % 2 == 0;
    const auto start = std::chrono::steady_clock::now();
    (void)writer.longest_gap_s();
    switch_sites(is_there ? kHeron : kEgret, is_there ? kEgret : kHeron,
                 i / 2 % 2 == 0 ? First::kPromotion : First::kDemotion);
    gaps.push_back(writer.longest_gap_s());
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    std::fprintf(stderr, "switch %d: gap %.1f s of %.0f s\n", i + 1, gaps.back(), seconds.back());
  }
  writer.stop();
  prober.stop();
  const std::set<long> acknowledged = writer.acknowledged();
  const std::set<long> kept = e2e::stored_beats(address(kHeron));
  const auto lost =
      std::ranges::count_if(acknowledged, [&](long number) { return !kept.contains(number); });
  figures.add("site_switch.write_gap_p99_s", quantile(gaps, 0.99), "s");
  figures.add("site_switch.write_gap_p50_s", quantile(gaps, 0.5), "s");
  figures.add("site_switch.complete_p50_s", quantile(seconds, 0.5), "s");
  figures.add("site_switch.switches", static_cast<double>(gaps.size()), "switches");
  figures.add("site_switch.acknowledged_commits", static_cast<double>(acknowledged.size()),
              "commits");
  figures.add("site_switch.lost_commits", static_cast<double>(lost), "commits");
  figures.add("site_switch.both_writable", static_cast<double>(prober.both_writable()), "probes");
  figures.add("site_switch.answered_by_both", static_cast<double>(prober.answered_by_all()),
              "probes");
  end_sites();
}

}  // namespace
}  // namespace annals::bench

int main(int argc, char** argv) {
  annals::bench::Figures figures;
  annals::bench::Switches::measure(figures);
  figures.print(argc > 2 && std::string_view(argv[2]) == "--json");
}

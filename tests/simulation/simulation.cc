#include "tests/simulation/simulation.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/concat.h"
#include "tests/simulation/fold.h"

namespace annals::simulation {

using namespace std::chrono_literals;

namespace {

// A run that is not quiet so long after everything was healed will never be.
constexpr Duration kSettlingMax = 6h;
// A world in which nothing happens for so long is settled.
constexpr Duration kQuiet = 5h;
// The same where something is looked at again every ten minutes: only that happens any more.
constexpr Duration kQuietBetweenLooks = 9min;
// Nor where nothing was written for so long.
constexpr Duration kUnwritten = 2h;
// More events than any run needs: something goes round in circles.
constexpr std::uint64_t kEventsMax = 120'000;

std::array<bool FaultState::*, kFaultStates> fault_state_members() {
  return {&FaultState::api_down,      &FaultState::api_slow,  &FaultState::quota,
          &FaultState::unschedulable, &FaultState::no_image,  &FaultState::watches_stall,
          &FaultState::webhook,       &FaultState::no_leader, &FaultState::two_leaders,
          &FaultState::database_down, &FaultState::jobs_fail, &FaultState::disk_slow};
}

}  // namespace

Simulation::Simulation(const Scenario& scenario, std::uint64_t seed, const Plan& plan,
                       const RunOptions& options)
    : scenario_(scenario), options_(options), random_(seed), common_(Random(~seed)) {
  common_.book.verbose = options.verbose;
  for (int site = 0; site < scenario.sites(); ++site) {
    worlds_.push_back(std::make_unique<World>(common_, random_.fork()));
    common_.network.add(*worlds_.back());
  }
  disks_.resize(static_cast<std::size_t>(scenario.operators));
  folds_.resize(disks_.size());
  running_.resize(disks_.size());
  for (World* site : sites()) {
    if (scenario.is_guarded) site->followers.guard();
  }
  for (std::size_t place = 0; place < disks_.size(); ++place) boot(place);
  for (World* site : sites()) watch(*site);
  Duration last{};
  for (const simulation::Deed& deed : scenario.deeds) {
    last = std::max(last, deed.at);
    schedule().after(deed.at + 3s, [this, &deed] { deed.act(*this); });
  }
  report_.extent.last_deed_ms = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(last + 3s).count());
  plan_faults(plan);
}

Simulation::~Simulation() = default;

void Simulation::watch(World& site) {
  site.server.on_change([this, &site](const Change& change) {
    for (std::size_t place = 0; place < running_.size(); ++place) {
      if (running_[place] != nullptr && &site_of(place) == &site)
        running_[place]->changed(change.object->key.kind);
    }
    watch_for_calm(site, change);
  });
  common_.writers.watch(site);
}

World& Simulation::home_of(const std::string& name) const {
  return site_of(scenario_.is_abroad(name) ? 1 : 0);
}

void Simulation::plan_faults(const Plan& plan) {
  for (World* site : sites()) site->undisturbed = plan.empty();
  Duration end{};
  for (const Fault& fault : plan) {
    if (fault.kind == FaultKind::kCrash) {
      crashes_[fault.at] = fault.argument;
    } else if (fault.kind == FaultKind::kRequest) {
      requests_[fault.at] = static_cast<RequestFault>(fault.argument % kRequestFaults);
    } else {
      const Duration at = std::chrono::milliseconds(fault.at);
      end = std::max<Duration>(end, at + std::chrono::milliseconds(fault.length_ms));
      schedule().after(at, [this, fault] { strike(fault); });
    }
  }
  end = std::max<Duration>(end, std::chrono::milliseconds(report_.extent.last_deed_ms)) + 1s;
  healed_at_ = schedule().now() + end;
  schedule().at(healed_at_, [this] { heal(); });
}

// All that was brought before has been looked at once more.
Duration Simulation::quiet() const {
  const bool has_looked = common_.schedule.now() > healed_at_ + scenario_.stores * 11min;
  return scenario_.looks_again && has_looked ? kQuietBetweenLooks / scenario_.stores : kQuiet;
}

// Repositories are looked at for ever: with them it is quiet when nothing is written.
void Simulation::play() {
  std::uint64_t events = 0;
  const Timestamp limit = healed_at_ + kSettlingMax;
  Schedule& schedule = common_.schedule;
  Timestamp written_at = schedule.now();
  Version version = this->version();
  while (!schedule.empty() && book().violations.empty()) {
    // A timer of tomorrow is no restlessness.
    const Timestamp next = schedule.next_time();
    if (next > schedule.now() + quiet()) return;
    const bool is_between_looks = next > schedule.now() + (scenario_.has_standby ? 5s : 30s);
    // A process that has crashed last of all begins again first.
    const bool is_unwritten = next > std::max(healed_at_, written_at) + kUnwritten;
    if (is_between_looks && is_unwritten && is_led()) return;
    if (next > limit || ++events > kEventsMax)
      return book().accuse("L1", "does not settle after everything was healed");
    schedule.step();
    if (std::exchange(version, this->version()) != this->version()) written_at = schedule.now();
  }
}

void Simulation::list_again() {
  is_peace_ = true;
  for (Process* process : running_) {
    if (process != nullptr) process->list_again();
  }
}

bool Simulation::is_led() const {
  return std::ranges::all_of(sites(), [this](World* site) { return leader(*site) != nullptr; });
}

Version Simulation::version() const {
  Version version = 0;
  for (const World* site : sites()) version += site->server.version();
  return version;
}

const Process* Simulation::leader(const World& site) const {
  for (std::size_t place = 0; place < running_.size(); ++place) {
    const Process* process = running_[place];
    if (process != nullptr && process->leads() && &site_of(place) == &site) return process;
  }
  return nullptr;
}

Process* Simulation::leading(const World& site) {
  const Process* leads = leader(site);
  const auto process = std::ranges::find(running_, leads);
  return leads == nullptr ? nullptr : *process;
}

std::size_t Simulation::records() const {
  std::size_t records = 0;
  for (const Disk& disk : disks_) records += disk.frames().size();
  return records;
}

Report Simulation::report() && {
  report_.violations = book().violations;
  report_.notes = std::move(book().notes);
  report_.records = records();
  report_.disks = std::move(disks_);
  return std::move(report_);
}

// ---- Processes

void Simulation::boot(std::size_t place) {
  const std::string identity = concat("operator-", place, "-", ++born_);
  Process::Keeper& keeper = *this;
  processes_.push_back(
      std::make_unique<Process>(site_of(place), disks_[place], keeper, identity, random_.fork()));
  running_[place] = processes_.back().get();
  running_[place]->start();
}

void Simulation::kill(Process& process, std::size_t kept, const std::string& why) {
  if (!process.alive()) return;
  world().note(process.identity(), " dies: ", why);
  process.crash(kept);
  for (std::size_t place = 0; place < running_.size(); ++place) {
    if (running_[place] != &process) continue;
    running_[place] = nullptr;
    schedule().after(random_.between(100ms, 3s), [this, place] { boot(place); });
  }
}

bool Simulation::boundary(Process& process, const char* what) {
  if (!process.alive()) return false;
  if (is_peace_) return true;
  report_.extent.boundaries += 1;
  const auto known = report_.boundaries.find(std::string_view(what));
  if (known == report_.boundaries.end()) {
    report_.boundaries.emplace(what, 1);
  } else {
    known->second += 1;
  }
  const std::optional<std::size_t> crash = crash_at_boundary(what);
  if (!crash) return true;
  report_.crashed_at.emplace_back(what);
  kill(process, *crash, concat("at boundary ", report_.extent.boundaries, ", ", what));
  return false;
}

std::optional<std::size_t> Simulation::crash_at_boundary(const char* what) const {
  const auto crash = crashes_.find(report_.extent.boundaries);
  if (crash != crashes_.end()) return crash->second;
  return options_.crash_at ? options_.crash_at(report_.extent.boundaries, what) : std::nullopt;
}

std::optional<RequestFault> Simulation::next_request() {
  if (is_peace_) return std::nullopt;
  const auto fault = requests_.find(++report_.extent.requests);
  if (fault == requests_.end()) return std::nullopt;
  world().note("request ", report_.extent.requests, " is struck");
  return fault->second;
}

void Simulation::ended(Process& process, const std::string& why) { kill(process, 0, why); }

void Simulation::turned(Process& process) {
  turns_ += 1;
  if (options_.evict_each != 0 && turns_ % options_.evict_each == 0) process.evict_idle();
  if (options_.fold_each == 0 || turns_ % options_.fold_each != 0) return;
  for (const std::size_t place : leaders()) check_fold(place, folds_[place].of(disks_[place]));
}

void Simulation::check_folds() {
  for (const std::size_t place : leaders()) check_fold(place, fold(disks_[place]));
}

// Those whose state is what was acknowledged; what is durable and not yet told is ahead of it.
std::vector<std::size_t> Simulation::leaders() const {
  std::vector<std::size_t> places;
  for (std::size_t place = 0; place < running_.size(); ++place) {
    const Process* process = running_[place];
    const Disk& disk = disks_[place];
    if (process != nullptr && process->leads() && disk.acknowledged() == disk.frames().size())
      places.push_back(place);
  }
  return places;
}

void Simulation::check_fold(std::size_t place, const Folded& folded) {
  if (!folded.unreadable.empty()) book().accuse("I5", folded.unreadable);
  for (const std::string& trouble : folded.troubles) book().accuse("I3", trouble);
  running_[place]->shell().each([&](const fsm::ClusterState& state) {
    const auto same = folded.states.find(state.uid);
    if (same == folded.states.end()) return;
    const std::string where = difference(state, same->second);
    if (!where.empty())
      book().accuse("I6", concat("the fold of ", to_string(state.uid), " differs: ", where));
  });
}

// ---- Faults

void Simulation::strike(const Fault& fault) {
  world().note("fault: ", to_string(fault));
  const std::size_t place = fault.argument % running_.size();
  Process* process = running_[place];
  const Duration length = std::chrono::milliseconds(fault.length_ms);
  switch (fault.kind) {
    case FaultKind::kCrash:
    case FaultKind::kRequest:
      return;  // these come by number
    case FaultKind::kStream:
      if (process != nullptr)
        process->strike(static_cast<StreamFault>(fault.argument % kStreamFaults),
                        fault.argument / kStreamFaults);
      return;
    case FaultKind::kFaultState:
      return start_fault_state(site_of(fault.argument / kFaultStates),
                               fault.argument % kFaultStates, length);
    case FaultKind::kNetwork:
      return disturb_network(fault.argument, length);
    case FaultKind::kDisk:
      if (process != nullptr) process->break_disk();
      return;
    case FaultKind::kPod:
      return end_a_pod(fault.argument);
    case FaultKind::kExternalEdit:
      return edit_externally(fault.argument);
    case FaultKind::kPause:
      if (process != nullptr) process->pause(length);
      return;
    case FaultKind::kClock:
      if (process != nullptr) process->set_clock(fault.argument % 2 == 0 ? length : -length);
      return;
    case FaultKind::kRollback:
      if (process == nullptr) return;
      Disk& disk = process->disk();
      kill(*process, 0, "its volume is replaced by an older copy");
      disk.roll_back(disk.frames().size() * fault.argument / 100);
      note_forgotten_receipts(site_of(place));
      return;
  }
}

// An older journal may not know of the shutdown that they are of, and that it is over before
// somebody leads again. A known gap.
void Simulation::note_forgotten_receipts(World& site) {
  for (const auto& [key, object] : site.server.objects()) {
    if (key.kind == "PostgresCluster") site.forgotten_receipts.insert(object->uid);
  }
}

void Simulation::start_fault_state(World& site, std::size_t which, Duration length) {
  bool FaultState::* const kind = fault_state_members().at(which);
  site.fault_state.*kind = true;
  site.controllers.poke();
  if (kind == &FaultState::watches_stall) {
    for (std::size_t place = 0; place < running_.size(); ++place) {
      if (running_[place] == nullptr || &site_of(place) != &site) continue;
      for (std::size_t stream = 0; stream < 12; ++stream)
        running_[place]->strike(StreamFault::kStalled, stream);
    }
  }
  // Who cannot renew the lease for so long gives it up.
  if (kind == &FaultState::api_down && length > 10s) {
    schedule().after(10s, [this, &site] {
      Process* process = leading(site);
      if (process != nullptr && site.fault_state.api_down) ended(*process, "the lease is lost");
    });
  }
  schedule().after(length, [&site, kind] {
    site.fault_state.*kind = false;
    site.controllers.poke();
  });
}

void Simulation::poke() {
  for (World* site : sites()) site->controllers.poke();
}

void Simulation::disturb_network(std::uint64_t choice, Duration length) {
  Network& network = common_.network;
  const auto with = [&](auto begin) {
    begin(true);
    poke();
    schedule().after(length, [this, begin] {
      begin(false);
      poke();
    });
  };
  switch (static_cast<NetworkFault>(choice % kNetworkFaults)) {
    case NetworkFault::kSplit:
      return with([&network](bool is_on) { network.split(is_on); });
    case NetworkFault::kSlow:
      return with([&network](bool is_on) { network.slow_down(is_on); });
    case NetworkFault::kLosesQuestions:
      return with([&network](bool is_on) { network.lose_questions(is_on); });
    case NetworkFault::kNoStore:
      World& site = site_of(choice / kNetworkFaults);
      return with([this, &site](bool is_on) { lose_store(site, is_on); });
  }
}

// It is there, and nobody in this site reaches it.
void Simulation::lose_store(World& site, bool is_lost) {
  site.repository.is_lost = is_lost;
  site.controllers.lose_repository(is_lost ? "repo1" : "");
  site.controllers.poke();
  if (is_lost) return;
  for (auto& [uid, database] : site.databases) archive(database);
}

void Simulation::heal() {
  world().note("everything is healed");
  common_.network.heal();
  requests_.clear();
  for (World* site : sites()) site->fault_state = {};
  poke();
}

void Simulation::end_a_pod(std::uint64_t choice) {
  std::vector<std::pair<World*, Key>> pods;
  for (World* site : sites()) {
    for (const auto& [key, object] : site->server.objects()) {
      if (key.kind == "Pod") pods.emplace_back(site, key);
    }
  }
  if (pods.empty()) return;
  const auto& [site, pod] = pods[choice % pods.size()];
  site->interrupted.insert(pod.name);
  site->server.remove(pod);
}

void Simulation::edit_externally(std::uint64_t choice) {
  std::vector<Key> owned;
  for (const World* site : sites()) {
    for (const auto& [key, object] : site->server.objects()) {
      if (!object->content_digest.empty()) owned.push_back(key);
    }
  }
  if (owned.empty()) return;
  const Key& key = owned[choice / 4 % owned.size()];
  if (choice % 4 == 0) return erase(key.kind, key.name);
  edit(key.kind, key.name, choice % 4 == 1 ? "labels" : "data");
}

// From some time on no pod may be ended, and no workload changed.
void Simulation::watch_for_calm(World& site, const Change& change) {
  if (scenario_.calm_from == Duration::max() ||
      site.schedule.now() < Schedule::kStart + scenario_.calm_from + 3s)
    return;
  const Object& object = *change.object;
  const bool is_pod = object.key.kind == "Pod" && (change.deleted || object.deleting);
  const bool is_edited = site.interrupted.contains(object.key.name) ||
                         site.external_edits.contains("StatefulSet/" + object.instance);
  if (is_pod && !is_edited) site.accuse("I8", concat(to_string(object.key), " is ended"));
  if (object.key.kind == "StatefulSet" && !is_edited &&
      calm_workloads_.try_emplace(object.key.name, object.content_digest).first->second !=
          object.content_digest)
    site.accuse("I8", concat(to_string(object.key), " is asked for differently"));
}

}  // namespace annals::simulation

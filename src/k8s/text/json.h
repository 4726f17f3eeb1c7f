// JsonReader: the scratch memory of fast JSON reading (simdjson on-demand). One belongs to one
// reader at a time; what it hands out is valid until its next use. Reuse it: it keeps its buffers.
#pragma once

#include <memory>

namespace annals::k8s {

class JsonReader {
 public:
  JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;
  ~JsonReader();

  // For the files that read JSON; see json_scratch.ipp.
  struct Scratch;
  Scratch& scratch() { return *scratch_; }

 private:
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace annals::k8s

# cmake -DOUTPUT=rules.cc -DSOURCES_FILE=list -P rules.cmake: writes process/rules.h's function with the digest of these files.
file(STRINGS "${SOURCES_FILE}" sources)
set(digests "")
foreach(source IN LISTS sources)
  file(SHA256 "${source}" digest)
  string(APPEND digests "${digest}\n")
endforeach()
string(SHA256 rules "${digests}")
file(
  WRITE "${OUTPUT}"
  "#include \"process/rules.h\"

namespace annals::process {

std::string_view rules() { return \"${rules}\"; }

}  // namespace annals::process
")

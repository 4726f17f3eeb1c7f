# Read by ctest after the discovered tests: each of them needs the API server.
if(k8s_integration_test_TESTS)
  set_tests_properties(${k8s_integration_test_TESTS} PROPERTIES FIXTURES_REQUIRED api_server RESOURCE_LOCK cluster)
endif()

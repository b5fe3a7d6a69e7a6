// Encodes texts with the platform's encoder before they cross: embind's own walks strings twice, character by
// character, which takes a quarter of the time of a large config.
Module['preRun'] = Module['preRun'] || [];
Module['preRun'].push(function () {
  var initialized = Module['onRuntimeInitialized'];
  Module['onRuntimeInitialized'] = function () {
    var encoder = new TextEncoder();
    ['estimate', 'describe', 'addCalibration', 'calibrationOf'].forEach(function (name) {
      var call = Module[name];
      Module[name] = function (text) {
        return call(typeof text === 'string' ? encoder.encode(text) : text);
      };
    });
    var simulate = Module['simulate'];
    Module['simulate'] = function (text, progress) {
      return simulate(encoder.encode(text), progress || function () {});
    };
    if (initialized) initialized();
  };
});

// How OHIF is set up here: one source of images, the transfer whose word is in the address.
"use strict";

(() => {
  const base = location.pathname.split("/").slice(0, 3).join("/"); // /o/<word>
  const root = `${base}/dicomweb`;

  // OHIF never stands alone: the line "not for primary diagnosis" is in the page around it.
  // Browsers tell the server so where the address is https; elsewhere this line does it.
  if (window.top === window) {
    const asked = new URLSearchParams(location.search);
    const study = asked.get("StudyInstanceUIDs") || "";
    location.replace(`${base}?${new URLSearchParams({ study, lang: asked.get("lng") || "" })}`);
  }

  window.PUBLIC_URL = "/";
  window.browserImportFunction = (name) => import(name);
  window.config = {
    name: "passbox",
    routerBasename: base,
    extensions: [],
    modes: [],
    customizationService: { "ohif.tours": { $set: [] } }, // no tour in front of the images
    showStudyList: false,
    showErrorDetails: "production",
    showWarningMessageForCrossOrigin: false,
    showCPUFallbackMessage: false,
    showLoadingIndicator: true,
    strictZSpacingForVolumeViewport: true,
    investigationalUseDialog: { option: "never" }, // our own line stands above, always
    maxNumberOfWebWorkers: 3,
    maxNumRequests: { interaction: 20, thumbnail: 5, prefetch: 6 },
    defaultDataSourceName: "transfer",
    dataSources: [
      {
        namespace: "@ohif/extension-default.dataSourcesModule.dicomweb",
        sourceName: "transfer",
        configuration: {
          friendlyName: "Passbox",
          name: "transfer",
          qidoRoot: root,
          wadoRoot: root,
          wadoUriRoot: root,
          qidoSupportsIncludeField: false,
          supportsFuzzyMatching: false,
          supportsWildcard: false,
          supportsReject: false,
          supportsStow: false,
          dicomUploadEnabled: false,
          imageRendering: "wadors",
          thumbnailRendering: "thumbnail",
          thumbnailRequestStrategy: "fetch",
          enableStudyLazyLoad: true,
          singlepart: "",
          bulkDataURI: { enabled: true },
          fixBulkdataMultipart: false, // values are what they are, also those that begin with "--"
          loadMultiframeAsPart10: false, // segmentations frame by frame: no file leaves as a whole
          omitQuotationForMultipartRequest: true,
        },
      },
    ],
    httpErrorHandler: () => {},
  };
})();

# Names that look dead to vulture and are not. Grouped by who uses them.
# Take a name out together with its code. Never add one for code that nobody calls yet: delete that code.
# ruff and mypy do not read this file; it is never run.

# requests and urllib3 read these from a session, an adapter or a pool.
_.trust_env
_.auth
_.proxies
_.ca_certs
_.cert_reqs
_.get_redirect_target
_.cert_verify
_.ConnectionCls
cert
resp

# http.server calls these of a handler.
_.do_GET
_.log_message

# ssl and sqlite3 read these from a context or a connection.
_.num_tickets
_.isolation_level

# uvicorn reads and calls these on a server.
_.started
_.capture_signals

# Python calls __exit__ with three arguments, used or not.
trace

# pydicom and pynetdicom read attributes of a data set by their DICOM keyword.
_.ChannelBaseline
_.ChannelDefinitionSequence
_.ChannelSensitivity
_.ChannelSensitivityCorrectionFactor
_.ChannelSensitivityUnitsSequence
_.ChannelSourceSequence
_.CompletionFlag
_.ContentCreatorName
_.ContentDate
_.ContentDescription
_.ContentLabel
_.ContentSequence
_.ContentTime
_.ContinuityOfContent
_.DerivationImageSequence
_.DimensionIndexValues
_.DocumentTitle
_.DoseSummationType
_.EncapsulatedDocument
_.EncapsulatedDocumentLength
_.FrameContentSequence
_.ImageOrientationPatient
_.ImageType
_.LossyImageCompression
_.MIMETypeOfEncapsulatedDocument
_.MultiplexGroupLabel
_.NumberOfWaveformChannels
_.NumberOfWaveformSamples
_.PerFrameFunctionalGroupsSequence
_.PixelMeasuresSequence
_.PixelSpacing
_.PlaneOrientationSequence
_.PlanePositionSequence
_.PresentationCreationDate
_.PresentationCreationTime
_.QueryRetrieveLevel
_.RTPlanLabel
_.RecommendedDisplayCIELabValue
_.ReferencedInstanceSequence
_.ReferencedSegmentNumber
_.RelationshipType
_.SamplingFrequency
_.SegmentAlgorithmType
_.SegmentIdentificationSequence
_.SegmentLabel
_.SegmentNumber
_.SegmentSequence
_.SegmentationType
_.SegmentedPropertyCategoryCodeSequence
_.SegmentedPropertyTypeCodeSequence
_.SharedFunctionalGroupsSequence
_.SliceThickness
_.SourceImageSequence
_.SpacingBetweenSlices
_.StructureSetLabel
_.StudyInstanceUID
_.TextValue
_.ValueType
_.VerificationFlag
_.WaveformBitsAllocated
_.WaveformBitsStored
_.WaveformOriginality
_.WaveformSampleInterpretation
_.WaveformSequence

# The entry of a bundled program calls it first (packaging/).
_.serve_if_asked
_.SpecificCharacterSet
_.PatientBirthDate
_.PatientSex
_.StudyDate
_.StudyDescription
_.SeriesDescription
_.SeriesNumber
_.InstanceNumber
_.RequestedProcedureDescription
_.RequestedProcedureID
_.ScheduledStationAETitle
_.ScheduledProcedureStepDescription
_.ScheduledProcedureStepID
_.ScheduledProcedureStepSequence
_.ScheduledProcedureStepStartDate
_.ScheduledProcedureStepStartTime
_.Modality
_.Columns
_.SamplesPerPixel
_.PhotometricInterpretation
_.BitsAllocated
_.BitsStored
_.HighBit
_.PixelRepresentation

# pynetdicom reads these of its configuration, of an application entity and of its queue.
_.UNRESTRICTED_STORAGE_SERVICE
_.STORE_RECV_CHUNKED_DATASET
_.STORE_SEND_CHUNKED_DATASET
_.LOG_REQUEST_IDENTIFIERS
_.LOG_RESPONSE_IDENTIFIERS
_.LOG_HANDLER_LEVEL
_.maxsize
_.MessageID
_.Priority
_._dataset_path
_.connection_timeout
_.acse_timeout
_.dimse_timeout
_.network_timeout
_.maximum_pdu_size
_.maximum_associations
_.require_called_aet
_.require_calling_aet
is_another
procedure

# tempfile reads it when pynetdicom makes a file.
_.tempdir

# io.BufferedReader asks it of the raw file below.
_.seekable

# The viewer's templates read these of the forward card.
tone
may_decide
may_forward
offered
counted_as

# The killable worker finds its target by name.
_.record_keys
read_facts
may_refuse

# The viewer's page offers every reason of the enumeration.
WRONG_PATIENT
NOT_EXPECTED

# pydicom writes these of a data set: reports, coerced images and their samples.
_.ReferencedSOPClassUID
_.FailedSOPSequence
_.is_undefined_length
_.NumberOfFrames
_.CodeMeaning
_.Manufacturer
_.StationName
_.ContributionDateTime
_.ContributionDescription
_.ImplementationClassUID
_.ImplementationVersionName
_.PlanarConfiguration

# pynetdicom's connection thread reads it on each round.
_._run_loop_delay

# Values of the contract: written and read by name through __slots__ or by their text.
DELETED
ALLOW
welcome
privacy

# Qt asks for these by name.
_.hitButton
_.itemAt
_.isEmpty

# Annotations in quotes: playwright is loaded by the tests that need it only.
Frame

# pydicom asks a module of decoders for these.
_.DECODER_DEPENDENCIES
_.decode_frame
_.is_available

# Hypothesis calls the rules and invariants of a state machine, pytest what it is made into.
_.come_back
_.arrive_late
_.wake
_.asks_one_question_at_a_time
_.gives_up_only_for_a_reason
_.teardown
TestUploadMachine

# pynetdicom reads these where it writes a message or an association request.
_.AffectedSOPClassUID
_.application_context_name
_.presentation_context_definition_list
_.implementation_class_uid
_.maximum_length_received
_.user_information
